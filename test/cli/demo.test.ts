import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { scratchDir } from '../support/run-dir.js'
import { sallyport, Terminal } from './program.js'

it('shows two routes, each hop and its time, the output, and two refusals, and leaves nothing behind', async () => {
  const directory = scratchDir('demo')
  const begun = performance.now()
  const { stdout, stderr, exitCode } = await sallyport(['demo'], { env: { TMPDIR: directory } })
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  expect(performance.now() - begun).toBeLessThan(15_000)
  expect(stdout).toMatch(/3 {2}ops@db\.internal:22 +through inner-gw/)
  expect(stdout).toMatch(/1 {2}ops@gatewayhost:\d+ \(127\.0\.0\.1\) +through the command /)
  for (const host of ['gatewayhost', 'inner-gw', 'db.internal', 'app.internal']) {
    expect(stdout).toMatch(
      new RegExp(`${host} +[\\d.]+ ms: (dial|channel) [\\d.]+, version .*authentication`),
    )
  }
  expect(stdout).toContain('db.internal$ hostname\n   db.internal\n')
  expect(stdout).toMatch(/2 {2}deploy@app\.internal:22 +through gatewayhost/)
  expect(stdout).toContain('app.internal$ whoami\n   deploy\n')
  expect(stdout).toMatch(/error: db\.internal \(hop 3 of 3\): the host key of 'db\.internal' has changed/)
  expect(stdout).toContain('gatewayhost → inner-gw → gatewayhost → db.internal')
  expect(stdout).not.toContain('\u001b')
  expect(readdirSync(directory)).toEqual([])
})

it('is in colour on a terminal, unless NO_COLOR is set', async () => {
  await using colourful = new Terminal('$sallyport demo', { NO_COLOR: undefined })
  expect(await colourful.end()).toBe(0)
  expect(colourful.shown).toMatch(/\u001b\[1m1\. /)
  await using plain = new Terminal('$sallyport demo', { NO_COLOR: '1' })
  expect(await plain.end()).toBe(0)
  expect(plain.shown).not.toContain('\u001b')
})
