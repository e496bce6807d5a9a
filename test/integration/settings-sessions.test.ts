// What the settings of a host do to its commands and shells, on a real sshd.

import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConnectionOptions } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

leakCheck()

/** Before it starts a command on a terminal, sshd writes what it debugs to that, and may then wait for ever. */
const withTerminals = 'LogLevel INFO'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ config: ['AcceptEnv SPT_*', withTerminals] })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await sshd[Symbol.asyncDispose]()
})

async function run(command: string, options: ConnectionOptions): Promise<string> {
  await using host = connectionTo(sshd, options)
  return (await host.run(command)).stdout
}

/** What a shell that is fed `input` writes. */
async function typed(input: string, options: ConnectionOptions): Promise<string> {
  await using host = connectionTo(sshd, options)
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  stdin.end(input)
  await host.shell({ stdin, stdout })
  return text(stdout.end())
}

describe('variables', () => {
  test('of this process reach a command, by their patterns', async () => {
    vi.stubEnv('SPT_ONE', 'first value')
    vi.stubEnv('SPT_TWO', 'second')
    vi.stubEnv('OTHER_ONE', 'kept')
    const output = await run('env', { sendEnv: ['SPT_O*', 'OTHER_*'] })
    expect(output).toContain('SPT_ONE=first value\n')
    expect(output).not.toContain('SPT_TWO=')
  })

  test('that the server does not take are dropped without a word', async () => {
    let output = ''
    const warnings = await warningsOf(async () => {
      output = await run('env', { setEnv: { FORBIDDEN: 'x', SPT_SET: 'y=z' } })
    })
    expect(output).toMatch(/^SPT_SET=y=z$/m)
    expect(output).not.toContain('FORBIDDEN')
    expect(warnings).toEqual([])
  })

  test('reach a shell, too', async () => {
    const output = await typed('echo "<$SPT_SET>"; exit\n', {
      setEnv: { SPT_SET: 'for the shell' },
      requestTty: 'no',
    })
    expect(output).toBe('<for the shell>\n')
  })
})

describe('a remote command', () => {
  test('is what a shell runs', async () => {
    expect(await typed('', { remoteCommand: 'echo "$SPT_SET"; tty', setEnv: { SPT_SET: 'set' } })).toMatch(
      /^set\r\n\/dev\/pts\/\d+\r\n$/,
    )
  })

  test('refuses any other, before anything is opened', async () => {
    const before = sshd.connections().length
    await using host = connectionTo(sshd, { remoteCommand: 'tmux' })
    expect(await failureOf(host.run('true'))).toMatchObject({ code: 'INVALID_OPTION' })
    expect(host.state).toBe('idle')
    expect(sshd.connections()).toHaveLength(before)
  })

  test('none is none', async () => {
    expect(await run('echo here', { remoteCommand: 'none' })).toBe('here\n')
  })
})

describe('a terminal', () => {
  test('is forced on a command', async () => {
    expect(await run('tty', { requestTty: 'force' })).toMatch(/^\/dev\/pts\/\d+\r\n$/)
    await using host = connectionTo(sshd, { requestTty: 'force' })
    expect((await host.run('tty', { pty: false, okExitCodes: 'any' })).stdout).toBe('not a tty\n')
  })

  test('is refused to a shell', async () => {
    expect(await typed('tty\n', { requestTty: 'no' })).toBe('not a tty\n')
  })
})
