// What a hop's own terms do to the commands and shells on it.

import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors.js'
import { run } from '../../../src/exec/run.js'
import { shell } from '../../../src/exec/shell.js'
import { spawn } from '../../../src/exec/spawn.js'
import type { SessionTerms } from '../../../src/hops/lease.js'
import { fakeHop } from './fake-session.js'

const hopWith = (terms: Partial<SessionTerms>) => fakeHop((process) => process.exit(0), terms)
const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough() })

describe('the variables of a hop', () => {
  test('are sent along with commands and shells', async () => {
    const hop = hopWith({ env: { LANG: 'C' } })
    await run(hop.acquire, 'date')
    await (await spawn(hop.acquire, 'date')).wait()
    await shell(hop.acquire, streams())
    expect(hop.requests.map(({ env }) => env)).toEqual([{ LANG: 'C' }, { LANG: 'C' }, { LANG: 'C' }])
  })

  test('name the terminal of a shell, unless the caller does', async () => {
    const hop = hopWith({ env: { TERM: 'screen' } })
    await shell(hop.acquire, streams())
    await shell(hop.acquire, { ...streams(), term: 'linux' })
    expect(hop.requests.map(({ pty }) => pty?.term)).toEqual(['screen', 'linux'])
  })
})

describe('a command that the hop has', () => {
  const remoteCommand = 'tmux new'

  test('is what a shell runs', async () => {
    const hop = hopWith({ remoteCommand })
    await shell(hop.acquire, streams())
    expect(hop.requests).toMatchObject([{ command: remoteCommand }])
  })

  test('allows no other, and nothing is opened for one', async () => {
    const hop = hopWith({ remoteCommand })
    for (const attempt of [
      run(hop.acquire, 'date'),
      spawn(hop.acquire, 'date'),
      shell(hop.acquire, { ...streams(), command: 'date' }),
    ]) {
      await expect(attempt).rejects.toThrow(ConfigError)
      await expect(attempt).rejects.toMatchObject({ code: 'INVALID_OPTION', origin: 'remoteCommand' })
    }
    expect(hop.counts.acquired).toBe(0)
  })
})

describe('a hop that says about terminals', () => {
  test.each([
    ['force', undefined, { term: 'vt100', columns: 80, rows: 24 }],
    ['force', false, undefined],
    ['yes', undefined, undefined],
    ['no', undefined, undefined],
    ['no', true, { term: 'vt100', columns: 80, rows: 24 }],
  ] as const)('%s, gives a command with pty %s the terminal %j', async (requestTty, pty, expected) => {
    const hop = hopWith({ requestTty })
    await run(hop.acquire, 'date', { pty })
    await (await spawn(hop.acquire, 'date', { pty })).wait()
    expect(hop.requests.map((request) => request.pty)).toEqual([expected, expected])
  })

  test('no, gives a shell none, and leaves the one here as it is', async () => {
    const modes: boolean[] = []
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (raw: boolean) => void modes.push(raw),
    })
    const stdout = Object.assign(new PassThrough(), { isTTY: true })
    const hop = fakeHop(
      (process) => {
        stdout.emit('resize')
        process.exit(0)
      },
      { requestTty: 'no' },
    )
    await shell(hop.acquire, { stdin, stdout })
    expect(hop.requests).toMatchObject([{ pty: undefined }])
    expect(modes).toEqual([])
    expect(hop.process.sizes).toEqual([])
  })
})
