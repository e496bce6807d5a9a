// What the settings of a host do on the way to it and while logging in, on a real sshd.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ConnectionOptions } from '../../src/index.js'
import { startChain } from '../support/chain.js'
import { failureOf } from '../support/failure.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough, connectionTo } from '../support/link-up.js'
import { randomLoopback, type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

test('a connection leaves from the address that was asked for', async () => {
  await using sshd = await startSshd()
  const bindAddress = randomLoopback()
  await using host = connectionTo(sshd, { bindAddress })
  await host.run('true')
  expect(sshd.connections().map(({ peerHost }) => peerHost)).toEqual([bindAddress])
})

test('a server that is late is waited for by further attempts, whose pauses no limit counts', async () => {
  const early = await startSshd()
  await using host = connectionTo(early, { connectionAttempts: 1000, connectTimeoutMs: 2500 })
  await early.stop()
  const refused = refusalsBy(early, 4)
  const opening = host.open()
  // The pauses between the attempts were longer than the limit of each.
  await Promise.race([refused, opening])
  const { host: address, port, hostKeys, userKey } = early
  await using sshd = await startSshd({ host: address, port, hostKeys, userKey })
  await opening
  expect(sshd.connections()).toHaveLength(1)
})

/** Resolves when that many connections from this process to the address were refused. */
async function refusalsBy({ host, port }: Sshd, count: number): Promise<void> {
  let left = count
  await new Promise<void>((resolve) => {
    const watch = (message: unknown): void => {
      const { socket } = message as { readonly socket: Socket }
      socket.on(
        'error',
        (error: NodeJS.ErrnoException & { readonly address?: string; readonly port?: number }) => {
          if (error.code !== 'ECONNREFUSED' || error.address !== host || error.port !== port) return
          left--
          if (left > 0) return
          unsubscribe('net.client.socket', watch)
          resolve()
        },
      )
    }
    subscribe('net.client.socket', watch)
  })
}

describe('in batch mode', () => {
  const asked: string[] = []
  const batch: ConnectionOptions = {
    batchMode: true,
    ask: async ({ kind }) => {
      asked.push(kind)
      return 'yes'
    },
  }

  test('nobody is asked for a password', async () => {
    await using sshd = await startSshd({ config: ['PasswordAuthentication yes'] })
    await using host = connectionTo(sshd, { ...batch, identityFile: [] })
    expect(await failureOf(host.open())).toMatchObject({ code: 'AUTH_FAILED' })
    expect(asked).toEqual([])
  })

  test('nobody is asked about a host key', async () => {
    await using sshd = await startSshd()
    await using host = connectionTo(sshd, { ...batch, userKnownHostsFile: [], strictHostKeyChecking: 'ask' })
    expect(await failureOf(host.open())).toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
    expect(asked).toEqual([])
  })

  test('nobody is asked for a passphrase, but one that was given is used', async () => {
    const userKey = await keyPair('batch', { passphrase: 'sesame' })
    await using sshd = await startSshd({ userKey })
    await using without = connectionTo(sshd, batch)
    expect(await failureOf(without.open())).toMatchObject({ code: 'PASSPHRASE_NEEDED' })
    await using host = connectionTo(sshd, { ...batch, passphrase: 'sesame' })
    await host.open()
    expect(asked).toEqual([])
  })
})

describe('an RSA key', () => {
  test.each(['rsa-sha2-256', 'rsa-sha2-512'])(
    'signs with %s where nothing else is accepted',
    async (algorithm) => {
      const userKey = await keyPair('signs', { type: 'rsa' })
      await using sshd = await startSshd({ userKey })
      await using host = connectionTo(sshd, { pubkeyAcceptedAlgorithms: ['ssh-ed25519', algorithm] })
      await host.open()
      const tests = sshd.log
        .lines()
        .flatMap(({ text }) => /publickey (?:test|attempt).* pkalg (\S+)/.exec(text)?.[1] ?? [])
      expect(tests.length).toBeGreaterThan(0)
      expect([...new Set(tests)]).toEqual([algorithm])
    },
  )

  test('of a host that is too short is refused', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['rsa'] })
    await using short = connectionTo(sshd, { requiredRsaSize: 3072 })
    expect(await failureOf(short.open())).toMatchObject({ code: 'HOST_KEY_REFUSED', phase: 'host-key' })
    await using host = connectionTo(sshd, { requiredRsaSize: 2048 })
    await host.open()
  })
})

describe('localhost', () => {
  const exempt: ConnectionOptions = { noHostAuthenticationForLocalhost: true, userKnownHostsFile: [] }

  test('may have any host key where that was asked for', async () => {
    await using sshd = await startSshd()
    await using host = connectionTo(sshd, exempt)
    await host.open()
    await using checked = connectionTo(sshd, { userKnownHostsFile: [] })
    expect(await failureOf(checked.open())).toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
  })

  test('of a gateway is not this machine', async () => {
    await using chain = await startChain(2)
    const connections = connectionsThrough(chain, exempt)
    expect(await failureOf(connections.at(-1)?.open() ?? Promise.reject())).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
    })
    await closeAll(connections)
  })
})
