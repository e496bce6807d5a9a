// Terminals that change while they go, the keys that end things, and signals that nobody heeds.

import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'

describe('on an embedded host', () => {
  leakCheck()
  let network: Network
  afterEach(() => network.close())

  test('terminal sizes that change while the shell ends, and after, harm nobody', async () => {
    network = await createNetwork({ hosts: { gate: { listen: true } } })
    await using gate = new Connection('gate', { ...network.settings, gateway: network.dialer })
    for (let times = 0; times < 10; times++) {
      const stdout = Object.assign(new PassThrough().resume(), { columns: 80, rows: 24 })
      const stdin = new PassThrough()
      const ended = gate.shell({ stdin, stdout, command: times % 2 === 0 ? 'true' : 'cat' })
      const settled = ended.then(
        () => 'ended',
        (error: unknown) => (error as { code: string }).code,
      )
      for (let size = 1; size <= times; size++) {
        Object.assign(stdout, { columns: 80 + size }).emit('resize')
        await new Promise((resolve) => setImmediate(resolve))
      }
      if (times % 4 === 3) await gate.close()
      else stdin.end()
      stdout.emit('resize')
      expect(['ended', 'CLOSED']).toContain(await settled)
      stdout.emit('resize')
      expect(stdout.listenerCount('resize')).toBe(0)
    }
  })

  test('a signal that nobody heeds leaves the command running, until its limit or its close', async () => {
    const hang = (): Promise<never> => new Promise(() => {})
    network = await createNetwork({
      hosts: { gate: { listen: true, commands: { hang }, faults: { exec: 'ignore signals' } } },
    })
    const signals = (): number => network.host('gate').log.filter(({ event }) => event === 'signal').length
    await using gate = new Connection('gate', { ...network.settings, gateway: network.dialer })
    const command = await gate.spawn('hang')
    command.kill('HUP')
    command.kill('SIGUSR1')
    await vi.waitFor(() => expect(signals()).toBe(2))
    const waiting = failureOf(command.wait())
    await command.close()
    expect(await waiting).toMatchObject({ code: 'CLOSED', hop: { host: 'gate' } })
    command.kill()
    expect(await failureOf(gate.run('hang', { timeoutMs: 200 }))).toMatchObject({ code: 'COMMAND_TIMEOUT' })
    expect((await gate.run('hostname')).stdout).toBe('gate\n')
  })
})

describe('on a real server', () => {
  leakCheck()
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  test.each([
    ['Ctrl-C', '\x03', 'trap "exit 7" INT; echo ready; while :; do sleep 0.1; done', 7],
    ['Ctrl-D', '\x04', 'echo ready; cat; exit 8', 8],
  ])('%s reaches what runs on the terminal', async (_key, bytes, command, exitCode) => {
    await using connection = connectionTo(sshd)
    const stdin = new PassThrough()
    const stdout = new PassThrough()
    let screen = ''
    stdout.on('data', (chunk) => {
      screen += chunk
    })
    const ended = connection.shell({ stdin, stdout, command })
    await vi.waitFor(() => expect(screen).toContain('ready'), { timeout: 5000 })
    stdin.write(bytes)
    expect(await ended).toMatchObject({ exitCode })
  })
})
