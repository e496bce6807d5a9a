// Who may log in to an embedded host, and what its log proves about the offers.

import type { AnyAuthMethod, Client, ConnectConfig, KeyboardInteractiveAuthMethod } from 'ssh2'
import { afterEach, expect, test } from 'vitest'
import { createNetwork, type Network, type UserDescription } from '../../../src/testing/index.js'
import { makeKey } from '../../../src/testing/key-pair.js'
import { enter, login } from './client.js'

let network: Network
afterEach(() => network?.close())

async function withUser(user: UserDescription): Promise<void> {
  network = await createNetwork({ hosts: { gw: { listen: true, users: { ops: user } } } })
}

/** Logs in with nothing but what `config` has. */
async function enterBare(config: ConnectConfig): Promise<Client> {
  return login(await network.dialer.dial({ host: 'gw', port: 22 }), config)
}

/** `method outcome` of every offer but `none`. */
function offers(): string[] {
  return network
    .host('gw')
    .log.flatMap((record) =>
      record.event === 'authentication' && record.method !== 'none'
        ? [`${record.method} ${record.outcome}`]
        : [],
    )
}

test('the key of the network is accepted unless the user says otherwise', async () => {
  await withUser({})
  const client = await enter(network, 'gw')
  expect(offers()).toEqual(['publickey acceptable', 'publickey accepted'])
  expect(network.host('gw').log).toContainEqual(
    expect.objectContaining({ outcome: 'accepted', fingerprint: network.userKey.fingerprint }),
  )
  client.end()
})

test('a key of the user replaces the key of the network', async () => {
  const own = makeKey('own')
  await withUser({ keys: [own.publicKey] })
  await expect(enter(network, 'gw')).rejects.toThrow('authentication methods failed')
  const client = await enter(network, 'gw', { privateKey: own.privateKey })
  client.end()
})

test('a password is accepted, and the log has what was offered', async () => {
  await withUser({ password: 'right', keys: [] })
  await expect(enterBare({ password: 'CANARY' })).rejects.toThrow()
  expect(network.host('gw').log).toContainEqual(
    expect.objectContaining({ method: 'password', outcome: 'refused', password: 'CANARY' }),
  )
  const client = await enterBare({ password: 'right' })
  client.end()
})

test('an unknown user is refused', async () => {
  await withUser({})
  await expect(enter(network, 'gw', { username: 'constructor' })).rejects.toThrow()
  expect(offers()).toContain('publickey refused')
})

test('questions are asked round by round', async () => {
  await withUser({
    keys: [],
    keyboardInteractive: [
      { name: 'one', prompts: [{ text: 'Password: ', answer: 'x' }] },
      { prompts: [{ text: 'Code: ', echo: true, answer: '42' }] },
    ],
  })
  const stream = await enterByQuestions(['x', '42'])
  expect(stream).toEqual(['one Password:  false', ' Code:  true'])
  expect(network.host('gw').log).toContainEqual(
    expect.objectContaining({ answers: ['x', '42'], outcome: 'accepted' }),
  )
  await expect(enterByQuestions(['x', '41'])).rejects.toThrow()
})

async function enterByQuestions(answers: readonly string[]): Promise<string[]> {
  const seen: string[] = []
  let round = 0
  const questions: KeyboardInteractiveAuthMethod = {
    type: 'keyboard-interactive',
    username: 'ops',
    prompt: (name, _instructions, _language, prompts, done) => {
      seen.push(`${name} ${prompts[0]?.prompt} ${prompts[0]?.echo}`)
      done([answers[round++] ?? ''])
    },
  }
  const client = await enterBare({
    authHandler: [questions],
  })
  client.end()
  return seen
}

test('required methods are partial successes, in their order', async () => {
  await withUser({ password: 'x', requires: ['publickey', 'password'] })
  const key: AnyAuthMethod = { type: 'publickey', username: 'ops', key: network.userKey.privateKey }
  const password: AnyAuthMethod = { type: 'password', username: 'ops', password: 'x' }
  await expect(enterBare({ authHandler: [password] })).rejects.toThrow()
  const client = await enterBare({ authHandler: [key, password] })
  expect(offers()).toEqual([
    'password refused',
    'publickey acceptable',
    'publickey partial success',
    'password accepted',
  ])
  client.end()
})

test('a user who requires nothing is let in without an offer', async () => {
  await withUser({ requires: [] })
  const client = await enterBare({})
  expect(network.host('gw').log).toContainEqual(
    expect.objectContaining({ method: 'none', outcome: 'accepted' }),
  )
  client.end()
})

test('too many failures disconnect the client', async () => {
  network = await createNetwork({
    hosts: { gw: { listen: true, maxAuthTries: 2, users: { ops: { password: 'x', keys: [] } } } },
  })
  const wrong: AnyAuthMethod = { type: 'password', username: 'ops', password: 'y' }
  await expect(enterBare({ authHandler: [wrong, wrong, wrong] })).rejects.toThrow()
  await network.host('gw').logged(({ event }) => event === 'ended')
  expect(offers()).toEqual(['password refused', 'password refused'])
})

test('the banner is shown', async () => {
  network = await createNetwork({ hosts: { gw: { listen: true, banner: 'mind the gap\n' } } })
  const { Client } = (await import('ssh2')).default
  const client = new Client()
  const banner = new Promise((resolve) => client.once('banner', resolve))
  client.on('error', () => {})
  client.connect({
    sock: await network.dialer.dial({ host: 'gw', port: 22 }),
    username: 'ops',
    password: 'x',
  })
  expect(await banner).toBe('mind the gap\r\n')
})
