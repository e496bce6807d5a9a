// Who is blamed when a login fails in a chain, who is never asked, and who lives on. Logins by two methods, and by none.

import { execFileSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthError, Connection } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough, connectionTo, optionsFor } from '../support/link-up.js'
import { startSshAgent } from '../support/ssh-agent.js'
import { startSshd } from '../support/sshd.js'
import { createUnixUser } from '../support/unix-user.js'

let chain: Chain
let stranger: KeyPair
beforeAll(async () => {
  chain = await startChain(2)
  stranger = await keyPair('stranger')
})
afterAll(() => chain[Symbol.asyncDispose]())

/** How many logins and forwards each server of the chain has seen. */
const traffic = (): readonly number[] =>
  chain.sshds.flatMap((sshd) => [sshd.connections().length, sshd.forwards().length])
const attempts = (index: number): number =>
  chain
    .at(index)
    .log.lines()
    .filter((line) => line.text.startsWith('Connection from ')).length

describe('a login that fails', () => {
  leakCheck()

  test('at the gateway names it, what was tried and what is allowed, and asks nothing of the inner host', async () => {
    const [gatewayHost, inner] = [chain.at(0), chain.at(1)]
    const [before, innerBefore] = [traffic(), attempts(1)]
    await using gateway = connectionTo(gatewayHost, { identityFile: [stranger.file] })
    await using target = connectionTo(inner, { gateway })
    const error = (await failureOf(target.run('true'))) as AuthError
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'AUTH_FAILED',
      phase: 'authentication',
      hop: { index: 0, host: gatewayHost.host, port: gatewayHost.port, user: gatewayHost.user },
      tried: [
        {
          method: 'publickey',
          outcome: 'refused',
          fingerprint: stranger.fingerprint,
          source: stranger.file,
        },
      ],
      allowed: ['publickey'],
    })
    expect(error.hop?.via).toBeUndefined()
    expect(error.message).toContain(stranger.fingerprint)
    expect([gateway.state, target.state]).toEqual(['idle', 'idle'])
    expect(traffic()).toEqual(before)
    expect(attempts(1)).toBe(innerBefore)
  })

  test('at the inner host names it, and leaves the shared gateway to its other users', async () => {
    const [gatewayHost, inner] = [chain.at(0), chain.at(1)]
    await using gateway = await connectionTo(gatewayHost).open()
    const running = await gateway.spawn('cat')
    await using target = connectionTo(inner, { gateway, identityFile: [stranger.file] })
    expect(await failureOf(target.run('true'))).toMatchObject({
      name: 'AuthError',
      code: 'AUTH_FAILED',
      phase: 'authentication',
      hop: {
        index: 1,
        count: 2,
        host: inner.host,
        user: inner.user,
        port: inner.port,
        via: gatewayHost.host,
      },
      tried: [{ fingerprint: stranger.fingerprint }],
    })
    expect([gateway.state, target.state]).toEqual(['open', 'idle'])
    running.stdin.end('still here')
    expect(await text(running.stdout)).toBe('still here')
    expect(await running.wait()).toMatchObject({ exitCode: 0 })
    await using other = connectionTo(inner, { gateway })
    expect(await other.run('echo fine')).toMatchObject({ stdout: 'fine\n' })
  })

  test('at the inner host closes the gateway that was opened for it alone', async () => {
    await using agent = await startSshAgent([chain.at(0).userKey])
    const [gatewayHost, inner] = [chain.at(0), chain.at(1)]
    const defaults = {
      identityAgent: agent.socket,
      userKnownHostsFile: optionsFor(gatewayHost).userKnownHostsFile,
      globalKnownHostsFile: [],
    }
    await using target = new Connection(inner.host, {
      ...optionsFor(inner),
      identityFile: [stranger.file],
      proxyJump: `${gatewayHost.user}@${gatewayHost.host}:${gatewayHost.port}`,
      defaults,
    })
    const before = gatewayHost.connections().length
    expect(await failureOf(target.open())).toMatchObject({ code: 'AUTH_FAILED', hop: { index: 1 } })
    expect(gatewayHost.connections()).toHaveLength(before + 1)
    await expect.poll(() => gatewayHost.sessions()).toEqual([])
  })

  test('may be mended: the same connection opens once it is let in', async () => {
    let password = 'wrong'
    await using user = await createUnixUser()
    await using sshd = await startSshd({ user: user.name, config: ['PasswordAuthentication yes'] })
    await using connection = connectionTo(sshd, {
      identityFile: [],
      preferredAuthentications: ['password'],
      password: () => password,
    })
    expect(await failureOf(connection.open())).toMatchObject({
      code: 'AUTH_FAILED',
      tried: [{ method: 'password', outcome: 'refused', source: 'option password' }],
      allowed: ['publickey', 'password'],
    })
    password = user.password
    expect(await connection.run('id -un')).toMatchObject({ stdout: `${user.name}\n` })
  })
})

describe('a login by several methods', () => {
  leakCheck()

  test.each(['ed25519', 'rsa', 'ecdsa'] as const)(
    'is demanded by the gateway only: a %s key, then a password',
    async (type) => {
      await using user = await createUnixUser()
      const userKey = await keyPair('partial', { type })
      await using gatewayHost = await startSshd({
        user: user.name,
        userKey,
        config: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password', 'MaxAuthTries 2'],
      })
      await using gateway = connectionTo(gatewayHost, { password: user.password })
      await using target = connectionTo(chain.at(1), { gateway })
      expect(await target.run('echo through')).toMatchObject({ stdout: 'through\n' })
      expect(gatewayHost.log.lines().map(({ text: line }) => line)).toContainEqual(
        expect.stringMatching(/^Partial publickey for /),
      )
      expect(gatewayHost.connections()).toMatchObject([{ method: 'password', user: user.name }])
      expect(chain.at(1).connections().at(-1)).toMatchObject({ method: 'publickey' })
      await closeAll([gateway, target])
    },
  )

  test('says which part went well when the other fails', async () => {
    await using user = await createUnixUser()
    await using sshd = await startSshd({
      user: user.name,
      config: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
    })
    await using connection = connectionTo(sshd, { password: 'wrong' })
    expect(await failureOf(connection.open())).toMatchObject({
      code: 'AUTH_FAILED',
      tried: [
        { method: 'publickey', outcome: 'partial success', fingerprint: sshd.userKey.fingerprint },
        { method: 'password', outcome: 'refused' },
      ],
      allowed: ['password'],
    })
  })
})

describe('any host of a chain', () => {
  leakCheck()

  test('is entered without a credential when it wants none', async () => {
    await using user = await createUnixUser()
    execFileSync('passwd', ['--delete', user.name], { stdio: 'pipe' })
    await using sshd = await startSshd({
      user: user.name,
      config: ['PasswordAuthentication yes', 'PermitEmptyPasswords yes'],
    })
    await using connection = connectionTo(sshd, { identityFile: [] })
    expect(await connection.run('id -un')).toMatchObject({ stdout: `${user.name}\n` })
    expect(sshd.connections()).toMatchObject([{ method: 'none' }])
  })

  test('is named when it is the one that refuses', async () => {
    await using three = await startChain(3)
    for (const index of [0, 1, 2]) {
      const connections: Connection[] = []
      for (const [place, sshd] of three.sshds.entries()) {
        const gateway = connections.at(-1)
        const identityFile = place === index ? [stranger.file] : [sshd.userKeyFile]
        connections.push(connectionTo(sshd, { identityFile, ...(gateway && { gateway }) }))
      }
      const error = await failureOf(connections.at(-1)?.open() ?? Promise.resolve())
      expect(error).toMatchObject({ code: 'AUTH_FAILED', hop: { index, host: three.at(index).host } })
      await closeAll(connections)
    }
    const good = connectionsThrough(three)
    expect(await good.at(-1)?.run('echo in')).toMatchObject({ stdout: 'in\n' })
    await closeAll(good)
  })
})
