// What becomes of a command whose standard output is not taken.

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { ownHome } from './own-home.js'
import { ended, program, start } from './program.js'

const { home, env } = ownHome()
const file = home.write('config', 'Host db\n  Port 2200\n')

describe.each([
  [['route', '-F', file, 'db']],
  [['route', '--json', '-F', file, 'db']],
  [['config', '-F', file, 'db']],
  [['map', '-F', file]],
  [['--version']],
])('%j', (args) => {
  it('fails, and says why, when its output cannot be written', () => {
    const script = '"$0" "$@" >/dev/full'
    const { stderr, status } = spawnSync('sh', ['-c', script, process.execPath, program, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    })
    expect(status).toBe(255)
    expect(stderr).toMatch(
      /^sallyport: error: standard output could not be written\ncause: ENOSPC: .*\nhint: .*\n$/,
    )
  })

  it('ends as if by SIGPIPE, without a word, when the reader of its output has gone away', async () => {
    const child = start(args, { env })
    child.stdout.destroy()
    expect(await ended(child)).toEqual({ stdout: '', stderr: '', exitCode: 141 })
  })
})
