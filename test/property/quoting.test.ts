// Quoting is judged by the shells themselves: what printf prints is what was quoted, byte for byte.

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCommand, quote, sh } from '../../src/exec/command.js'

// JavaScript's text cannot carry bytes that are not UTF-8: the control characters, latin-1 and all other text can be.
const anyText = fc.oneof(
  fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
  fc.string({ unit: fc.constantFrom(...'\'"\\$`!*?[]{}()<>|&;#~=%^ \t\n\r-'), maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll('\0', '')),
)

/** One shell reads all commands from its standard input; each prints its value and a NUL. */
function printAll(shell: string, commands: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(shell, { input: commands.map((c) => `${c}\n`).join('') })
  expect({ stderr: stderr.toString(), status }).toEqual({ stderr: '', status: 0 })
  return stdout.toString('utf8').split('\0').slice(0, -1)
}

describe.each(['sh', 'dash', 'bash'])('%s', (shell) => {
  test('gives back any text that was quoted', () => {
    const texts = fc.sample(anyText, 400)
    const commands = texts.map((text) => `printf '%s\\0' ${quote(text)}`)
    expect(printAll(shell, commands)).toEqual(texts)
  })

  test('gives back every character of the basic plane', () => {
    const codes = [...Array(0x10000).keys()].filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
    const texts = Array.from({ length: 64 }, (_, row) =>
      String.fromCharCode(...codes.slice(row * 1024, (row + 1) * 1024)),
    ).filter((text) => text !== '')
    const commands = texts.map((text) => formatCommand(['printf', '%s\\0', text]))
    expect(printAll(shell, commands)).toEqual(texts)
  })

  test('keeps the words of a list apart', () => {
    const lists = fc.sample(fc.array(anyText, { minLength: 1, maxLength: 6 }), 100)
    const commands = lists.map((list) => formatCommand(['printf', '%s\\0', ...list]))
    expect(printAll(shell, commands)).toEqual(lists.flat())
  })

  test('gives back values and arrays in text, in every place where they are taken', () => {
    const cases = fc.sample(fc.tuple(anyText, fc.array(anyText, { minLength: 1, maxLength: 3 })), 100)
    const commands = cases.map(([value, list]) =>
      formatCommand(
        sh`x=${value}; (printf '%s\0' "$x") && printf "%s\0" ${list} "$(printf '%s' ${value}; echo .)"`,
      ),
    )
    expect(printAll(shell, commands)).toEqual(cases.flatMap(([value, list]) => [value, ...list, `${value}.`]))
  })
})

// The whole grammar that quotes could be lost in, and values that break out of each place if they may.
const tokens = [
  ...`'"\\\`$#!~{}[]<>;&|()=+- \t\na1`,
  ...[
    "'",
    '"',
    '\\\n',
    '$(',
    '"$(',
    ')"',
    '$((',
    '((',
    '))',
    '$[',
    '${',
    '${x:-',
    '${x:',
    "$'",
    '$"',
    '$$',
    '$#',
  ],
  ...[
    '<<',
    '<<-',
    '<<E',
    '\nE\n',
    '<<<',
    '[[ ',
    ' ]]',
    ' =~ ',
    ' == ',
    ' -eq ',
    'a[',
    'a=(',
    '@(',
    ' # ',
    ')#',
  ],
  ...['case ', 'case x in x) ', '(x) ', ' ;; esac', 'echo ', '; ', ' && '],
]
const breakouts = [
  `'; pwned; '`,
  `"; pwned; "`,
  `\\'; pwned; #`,
  `\\'\n pwned\n`,
  `\nE\npwned\n`,
  `$(pwned)`,
  '`pwned`',
  'a[$(pwned)]',
  `)); pwned; ((`,
  `}; pwned; {`,
  `) pwned ;; `,
  `" ) pwned ; ( "`,
  `;pwned #`,
]

test('a value is quoted or refused, never run, wherever it stands in text', () => {
  const text = fc.array(fc.constantFrom(...tokens), { maxLength: 6 }).map((list) => list.join(''))
  const breakout = fc.constantFrom(...breakouts)
  const fragment = fc.tuple(text, breakout, text)
  const accepted = fc
    .sample(
      fc.record({ text: fc.tuple(text, text, text), first: breakout, second: breakout, fragment }),
      4000,
    )
    .flatMap(({ text: [before, between, after], first, second, fragment: [head, inner, tail] }) => {
      const template = (...raw: readonly string[]) => ({ raw }) as unknown as TemplateStringsArray
      try {
        const inserted = head.length % 2 === 0 ? first : sh(template(head, tail), inner)
        return [formatCommand(sh(template(`echo ${before}`, between, after), inserted, second))]
      } catch {
        return []
      }
    })
  expect(accepted.length).toBeGreaterThan(100)
  const script = accepted.map((text) => `( eval ${quote(text)} ) </dev/null >/dev/null 2>&1`).join('\n')
  for (const shell of ['sh', 'dash', 'bash']) {
    // Standard output and errors may be captured or lost: it tells what it ran on a descriptor of its own.
    const { output } = spawnSync(shell, {
      input: `cd /proc/self; pwned() { echo ran >&3; }\n${script}; echo end >&3`,
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    })
    expect(output[3]?.toString()).toBe('end\n')
  }
})
