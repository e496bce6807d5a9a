// What hosts may make us keep and say: endless output is cut, and texts in errors are short and have no escapes.

import { existsSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CommandError } from '../../src/index.js'
import { Connection } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { startOddServer } from '../support/odd-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ config: ['LogLevel INFO'] })
})
afterAll(() => sshd.stop())

const escapes = 'a\x1b[2J\x1b]0;title\x07\x9b1A\rroot@host:~# \u202egnp.exe\x7f'
const unsafe = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

describe('a command that writes without end', () => {
  leakCheck()

  test.each([
    ['standard output', 'stdout', ''],
    ['standard error', 'stderr', ' >&2'],
  ] as const)('to its %s is ended there as well, and harms nobody else', async (_name, stream, where) => {
    await using host = connectionTo(sshd)
    const before = process.memoryUsage().arrayBuffers
    const error = (await failureOf(
      host.run(`echo $$ ${where}; exec yes ${where}`, { maxOutputBytes: 1_000_000 }),
    )) as CommandError
    expect(error).toMatchObject({
      name: 'CommandError',
      code: 'OUTPUT_LIMIT',
      phase: 'session',
      hop: { host: sshd.host },
    })
    expect(error[stream].length).toBeLessThanOrEqual(1_000_000)
    expect(error[stream]).toMatch(/^\d+\n(y\n)+/)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
    const pid = error[stream].split('\n')[0] ?? ''
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5000 }).toBe(false)
    expect(await host.run('echo fine')).toMatchObject({ stdout: 'fine\n' })
  })
})

describe('terminal escapes of a host are made visible', () => {
  leakCheck()

  test('in the error of a command, which keeps its output as it was', async () => {
    await using host = connectionTo(sshd)
    const error = (await failureOf(
      host.run(['sh', '-c', 'printf %s "$0" >&2; exit 1', escapes]),
    )) as CommandError
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 1, stderr: escapes })
    expect(error.message).not.toMatch(unsafe)
  })

  test('in the refusal of a channel, for a command and for a hop beyond', async () => {
    const channelOpenFailure = 92
    let channel = 0
    await using odd = await startOddServer((offer, peer) => {
      const refuse = (): void => peer.send(channelOpenFailure, channel++, 2, escapes.repeat(200), '')
      peer.connection.removeAllListeners('session').on('session', refuse)
      peer.connection.removeAllListeners('tcpip').on('tcpip', refuse)
      offer.accept()
    })
    await using gateway = new Connection(odd.host, {
      user: 'ops',
      port: odd.port,
      identityFile: [],
      identityAgent: 'none',
      password: 'made up',
      userKnownHostsFile: [knownHostsFile(odd.knownHostsLine)],
      globalKnownHostsFile: [],
    })
    await using target = connectionTo(sshd, { gateway })
    const errors = [await failureOf(gateway.run('true')), await failureOf(target.open())]
    expect(errors).toMatchObject([
      { code: 'CHANNEL_REFUSED', hop: { host: odd.host } },
      { code: 'CONNECTION_FAILED', phase: 'channel', hop: { host: sshd.host, via: odd.host } },
    ])
    for (const error of errors) {
      expect(error.message).toContain('a\\x1b[2J')
      expect(inspect(error).replaceAll('\n', '')).not.toMatch(unsafe)
      expect(error.message.length).toBeLessThan(4096)
    }
  })
})
