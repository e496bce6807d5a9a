// A gateway that does not open the way to the inner host: who is blamed, what is said, and who lives on.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough, connectionTo, optionsFor } from '../support/link-up.js'
import { freePort, type Sshd, type SshdOptions, startSshd } from '../support/sshd.js'
import { createUnixUser } from '../support/unix-user.js'

let inner: Sshd
beforeAll(async () => {
  inner = await startSshd({ name: 'inner' })
})
afterAll(() => inner.stop())

describe('a gateway that forbids forwarding', () => {
  leakCheck()

  test.each<[string, SshdOptions]>([
    ['AllowTcpForwarding no', { config: ['AllowTcpForwarding no'] }],
    ['PermitOpen for another host', { config: ['PermitOpen 127.0.0.1:22'] }],
    ['DisableForwarding', { config: ['DisableForwarding yes'] }],
    ['a restricted key', { authorizedKeyOptions: 'restrict' }],
    ['a key with permitopen', { authorizedKeyOptions: 'permitopen="127.0.0.1:22"' }],
  ])('by %s is named at once, with a hint, and lives on', async (_, options) => {
    await using sshd = await startSshd({ name: 'gateway', ...options })
    await using gateway = await connectionTo(sshd).open()
    await using target = connectionTo(inner, { gateway })
    const begun = performance.now()
    await expect(target.open()).rejects.toMatchObject({
      name: 'ConnectError',
      code: 'FORWARD_PROHIBITED',
      reason: 1,
      phase: 'channel',
      hop: { index: 0, host: sshd.host, user: sshd.user, port: sshd.port },
      message: expect.stringContaining(`${inner.host}:${inner.port}`),
      hint: expect.stringContaining('AllowTcpForwarding'),
    })
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(await gateway.run('echo alive')).toMatchObject({ stdout: 'alive\n' })
    expect(sshd.connections()).toHaveLength(1)
  })
})

describe('an inner host that its gateway cannot reach', () => {
  leakCheck()

  test('because nothing listens is named as the hop, with the gateway before it', async () => {
    await using sshd = await startSshd({ name: 'gateway' })
    await using gateway = await connectionTo(sshd).open()
    const port = await freePort(inner.host)
    await using target = connectionTo(inner, { gateway, port })
    await expect(target.open()).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      reason: 2,
      phase: 'channel',
      hop: { index: 1, count: 2, host: inner.host, port, via: sshd.host },
    })
    expect(gateway.state).toBe('open')
    expect(await gateway.run('echo alive')).toMatchObject({ stdout: 'alive\n' })
  })

  test('because the gateway does not know its name is named as the hop, with that reason', async () => {
    await using sshd = await startSshd({ name: 'gateway' })
    await using gateway = await connectionTo(sshd).open()
    await using target = connectionTo(inner, { gateway, hostName: 'no-such-host.invalid' })
    await expect(target.open()).rejects.toMatchObject({
      code: 'NAME_NOT_FOUND',
      phase: 'channel',
      hop: { index: 1, host: inner.host, via: sshd.host },
      message: expect.stringContaining('no-such-host.invalid'),
    })
    expect(await gateway.run('echo alive')).toMatchObject({ stdout: 'alive\n' })
  })

  test('disturbs nobody who goes through the same gateway', async () => {
    await using chain = await startChain(2)
    const [gateway, target] = connectionsThrough(chain)
    await using child = await target?.spawn('read line; echo "got $line"')
    await using other = connectionTo(chain.at(1), { gateway, port: await freePort(chain.at(1).host) })
    await expect(other.open()).rejects.toMatchObject({ code: 'FORWARD_PROHIBITED' })
    child?.stdin.end('this\n')
    const lines: string[] = []
    for await (const line of child ?? []) lines.push(line)
    expect(lines).toEqual(['got this'])
    await closeAll([gateway, target].filter((connection) => connection !== undefined))
  })
})

describe('a gateway with one session per connection', () => {
  leakCheck()

  test('carries any number of inner hosts and streams, while a second command waits for the first', async () => {
    await using sshd = await startSshd({ name: 'gateway', config: ['MaxSessions 1'] })
    await using gateway = await connectionTo(sshd).open()
    await using first = await gateway.spawn('cat')
    const second = gateway.run('echo again')
    const targets = Array.from({ length: 5 }, () => connectionTo(inner, { gateway }))
    const results = await Promise.all(targets.map((target) => target.run('echo here')))
    expect(results.map(({ stdout }) => stdout)).toEqual(Array(5).fill('here\n'))
    await closeAll(targets)
    first.stdin.end('still here\n')
    expect(await first.wait()).toMatchObject({ exitCode: 0 })
    expect(await second).toMatchObject({ stdout: 'again\n' })
    expect(sshd.connections()).toHaveLength(1)
  })
})

describe('a gateway on which no command can be run', () => {
  leakCheck()

  test('because of ForceCommand still leads on', async () => {
    await using sshd = await startSshd({ name: 'gateway', config: ['ForceCommand /bin/false'] })
    await using gateway = connectionTo(sshd)
    await using target = connectionTo(inner, { gateway })
    expect(await target.run('echo through')).toMatchObject({ stdout: 'through\n' })
    await expect(gateway.run('true')).rejects.toMatchObject({ code: 'COMMAND_FAILED', exitCode: 1 })
  })

  test.each(['/bin/false', '/usr/sbin/nologin'])(
    'because its user has the shell %s still leads on',
    async (shell) => {
      await using user = await createUnixUser({ shell })
      await using sshd = await startSshd({ name: 'gateway', user: user.name })
      await using target = connectionTo(inner, { gateway: connectionTo(sshd) })
      expect(await target.run('echo through')).toMatchObject({ stdout: 'through\n' })
      expect(sshd.connections()).toMatchObject([{ user: user.name }])
      await target.gateway?.close()
    },
  )

  test('because its key is for forwarding only still leads on', async () => {
    const authorizedKeyOptions = `restrict,port-forwarding,permitopen="${inner.host}:${inner.port}",command="/bin/false"`
    await using sshd = await startSshd({ name: 'gateway', authorizedKeyOptions })
    await using gateway = connectionTo(sshd)
    await using target = connectionTo(inner, { ...optionsFor(inner), gateway })
    expect(await target.run('echo through')).toMatchObject({ stdout: 'through\n' })
  })
})
