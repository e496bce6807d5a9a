import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** Runs the text as a test file, under this project's own configuration. */
function runTests(text: string): {
  readonly status: number | null
  readonly output: string
  readonly last: string
} {
  mkdirSync(join(root, '.tmp'), { recursive: true })
  const directory = mkdtempSync(join(root, '.tmp', 'run-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const config = `
    import base from '../../vitest.config.ts'
    const { projects, ...test } = base.test
    export default { root: '../..', test: { ...test, include: ['${relative(root, directory)}/*.test.ts'] } }`
  writeFileSync(join(directory, 'vitest.config.ts'), config)
  writeFileSync(join(directory, 'sample.test.ts'), text)
  const args = ['run', '--root', root, '--config', join(directory, 'vitest.config.ts')]
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/vitest'), args, {
    encoding: 'utf8',
  })
  const output = stripVTControlCharacters(`${stdout}${stderr}`)
  return { status, output, last: stdout.trimEnd().split('\n').at(-1) ?? '' }
}

it('a shown secret, a pollution and a failure with a server are failures that explain themselves', () => {
  const { status, output, last } = runTests(`
    import { expect, it } from 'vitest'
    import { canary } from '../../test/support/canary.js'
    import { RigLog } from '../../test/support/rig-log.js'
    it('shows a secret', () => console.log(canary()))
    it('pollutes', () => { Object.prototype.polluted = true })
    it('fails with a server', () => {
      new RigLog('sshd 7').append('the log of the server\\n')
      expect(1).toBe(2)
    })
    it('passes', () => undefined)
  `)
  expect(output).toContain('a secret was shown')
  expect(output).toContain('object is not extensible')
  expect(output).toMatch(/--- sshd 7 ---\n {2}the log of the server/)
  expect(last).toBe('1 passed, 3 failed')
  expect(status).toBe(1)
})

it('an unhandled rejection and a late exception fail the run though every test passed', () => {
  const { status, output, last } = runTests(`
    import { it } from 'vitest'
    it('passes', async () => {
      void Promise.reject(new Error('nobody waits for this'))
      setImmediate(() => { throw new Error('nobody catches this') })
      await new Promise((resolve) => setTimeout(resolve, 50))
    })
  `)
  expect(output).toContain('nobody waits for this')
  expect(output).toContain('nobody catches this')
  expect(last).toMatch(/^1 passed, [1-9] failed$/)
  expect(status).toBe(1)
})
