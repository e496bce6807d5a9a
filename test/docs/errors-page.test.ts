import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as sallyport from '../../src/index.js'
import { errorCodes, SallyportError } from '../../src/index.js'
import { root, textOf } from './markdown.js'
import { runProgram } from './run-program.js'

const page = textOf('docs/errors.md')

test('docs/errors.md is what npm run docs writes', async () => {
  const ended = await runProgram(process.execPath, [join(root, 'scripts', 'generate-docs.js'), '--check'])
  expect(ended).toEqual({ exitCode: 0, stdout: '', stderr: '' })
})

test.each(Object.entries(errorCodes))(
  'it has %s with its cause and its remedy',
  (code, { cause, remedy }) => {
    const [, section = ''] = page.split(`\n## ${code}\n`)
    const [own = ''] = section.split('\n## ')
    expect(own).toContain(cause)
    expect(own).toContain(`**What to do.** ${remedy}`)
    expect(own.includes('error.retryable')).toBe(new SallyportError(code as never, '').retryable)
  },
)

test('it has nothing else', () => {
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual(Object.keys(errorCodes))
})

test('it names every class of errors', () => {
  const classes = Object.entries(sallyport).flatMap(([name, thing]) =>
    typeof thing === 'function' && thing.prototype instanceof SallyportError ? [name] : [],
  )
  expect(classes).toContain('HostKeyError')
  for (const name of classes) expect(page).toContain(`| \`${name}\` |`)
})
