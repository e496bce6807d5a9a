// Laws of the known_hosts grammar that hold for every input.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesHostList, matchesPattern } from '../../src/config/pattern.js'
import { hashHostName, matchesHashedName } from '../../src/hostkeys/hashed-name.js'
import { findHostLines } from '../../src/hostkeys/known-hosts.js'
import { findHostKey, findHostKeyInText } from '../../src/hostkeys/public-key.js'
import { isRecordableName } from '../../src/hostkeys/record.js'
import { ed25519Key, keyText } from '../unit/hostkeys/sample-keys.js'

const key = ed25519Key()
const name = fc.stringMatching(/^[a-z0-9.:-]{1,20}$/)
const pattern = fc.stringMatching(/^[ab.*?]{0,12}$/)
const list = fc
  .array(fc.stringMatching(/^!?[abAB.*?]{1,6}$/), { maxLength: 6 })
  .map((items) => items.join(','))
const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
  fc.stringMatching(/^[@|!*?,#[\]: \t\r\0db1=+/-]{0,40}$/),
)

/** The meaning of a pattern, by trying everything: exponential, and obviously right. */
function meaning(text: string, glob: string): boolean {
  const [first] = glob
  if (first === undefined) return text === ''
  const rest = glob.slice(1)
  if (first === '*') return meaning(text, rest) || (text !== '' && meaning(text.slice(1), glob))
  return text !== '' && (first === '?' || first === text[0]) && meaning(text.slice(1), rest)
}

test('a pattern matches exactly what trying everything matches', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab.]{0,10}$/), pattern, (text, glob) => {
      expect(matchesPattern(text, glob)).toBe(meaning(text, glob))
    }),
    { numRuns: 2000 },
  )
})

test('a negated pattern that matches vetoes the list, wherever it stands', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab.]{1,6}$/), list, list, (host, before, after) => {
      expect(matchesHostList(host, `*,${before},!${host},${after}`)).toBe(false)
      expect(matchesHostList(host, `!${host.slice(0, -1)}?,${after},*`)).toBe(false)
    }),
  )
})

test('the order of a list makes no difference', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab.]{1,6}$/), list, (host, items) => {
      const reversed = items.split(',').reverse().join(',')
      expect(matchesHostList(host, reversed)).toBe(matchesHostList(host, items))
    }),
  )
})

test('a hash stands for its name and for no other', () => {
  fc.assert(
    fc.property(name, name, (one, two) => {
      expect(matchesHashedName(two, hashHostName(one))).toBe(one === two)
    }),
  )
})

test('no line throws, and none hides the good line after it', () => {
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 10 }), name, (lines, host) => {
      const before = lines.join('\n')
      const found = findHostLines(`${before}\n${host} ${keyText(key)}\n`, host)
      expect(found.at(-1)).toMatchObject({
        line: before.split('\n').length + 1,
        marker: 'none',
        key: { fingerprint: key.fingerprint },
      })
    }),
  )
})

test('what is recorded under a name is found under it and under no other', () => {
  fc.assert(
    fc.property(fc.oneof(name, junk), name, (recorded, asked) => {
      fc.pre(isRecordableName(recorded) && recorded === recorded.toLowerCase())
      const content = `${recorded} ${keyText(key)}\n`
      expect(findHostLines(content, recorded)).toHaveLength(1)
      expect(findHostLines(content, asked)).toHaveLength(asked === recorded ? 1 : 0)
    }),
  )
})

test('no bytes make the key reader throw, and a key that was changed is no key or another one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      junk,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, text, at, flip) => {
        findHostKey('ssh-ed25519', Buffer.from(bytes))
        findHostKeyInText(`ssh-rsa ${text}`)
        const changed = Buffer.from(key.blob)
        changed.writeUInt8((changed[at % changed.length] ?? 0) ^ flip, at % changed.length)
        expect(findHostKey(key.type, changed)?.fingerprint).not.toBe(key.fingerprint)
      },
    ),
  )
})

test.each(['a*a*a*a*a*a*b', '*a'.repeat(200), '?*'.repeat(200), '*'.repeat(1000)])(
  'the pattern %.20s… takes no exponential time',
  (glob) => {
    const start = performance.now()
    matchesHostList('a'.repeat(1000), glob)
    expect(performance.now() - start).toBeLessThan(500)
  },
)
