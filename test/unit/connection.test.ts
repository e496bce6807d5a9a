// What a connection checks before it does any work.

import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection, connect } from '../../src/connection.js'
import type { Address, CallOptions } from '../../src/dialer.js'
import { createNetwork, type Network } from '../../src/testing/index.js'

let network: Network
let connection: Connection
beforeEach(async () => {
  network = await createNetwork({ hosts: { gw: { listen: true, reaches: ['db'] }, db: {} } })
  connection = new Connection('gw', settings())
})
afterEach(async () => {
  await connection.close()
  await network.close()
})

function settings() {
  return { ...network.settings, user: 'ops', gateway: network.dialer }
}

const mistakes: readonly object[] = [
  { timeoutMs: Number.POSITIVE_INFINITY },
  { timeoutMs: 2 ** 31 },
  { timeoutMs: Number.NaN },
  { timeoutMs: -1 },
  { timeoutMs: '5' },
  { signal: 'x' },
]
const misspelt: readonly object[] = [{ timeout: 5 }, { toString: 1 }]
const calls: Readonly<Record<string, (options: CallOptions) => Promise<unknown>>> = {
  open: (options) => connection.open(options),
  dial: (options) => connection.dial({ host: 'db', port: 22 }, options),
  run: (options) => connection.run('true', options),
  spawn: (options) => connection.spawn('true', options),
  shell: (options) => connection.shell({ term: 'vt100', ...options }),
}

describe.each(Object.keys(calls))('%s', (name) => {
  test.each([...mistakes, ...misspelt])(
    'finds the mistake in %o before it opens anything',
    async (options) => {
      await expect(calls[name]?.(options)).rejects.toThrow(TypeError)
      expect(connection.state).toBe('idle')
    },
  )
})

test.each(mistakes)('connect finds the mistake in %o before it opens anything', async (options) => {
  await expect(connect('gw', { ...settings(), ...options })).rejects.toThrow(TypeError)
  expect(network.host('gw').log).toEqual([])
})

test('the longest limit that a timer can hold is one', async () => {
  await connection.open({ timeoutMs: 2 ** 31 - 1 })
  expect(connection.state).toBe('open')
})

const nowhere: readonly unknown[] = [
  undefined,
  null,
  'db:22',
  {},
  { port: 80 },
  { host: 5, port: 80 },
  { host: '', port: 80 },
  { host: 'db\nforged', port: 80 },
  { host: 'db' },
  { host: 'db', port: '80' },
  { host: 'db', port: 0 },
  { host: 'db', port: -1 },
  { host: 'db', port: 1.5 },
  { host: 'db', port: 99_999 },
  { path: 5 },
  { path: '' },
  { path: '/run/\u001b[2J' },
  { path: '/run/a\0b' },
]
test.each(nowhere.map((address) => [inspect(address), address]))(
  'dialling %s is a mistake of the program, not of the server',
  async (_, address) => {
    await expect(connection.dial(address as Address)).rejects.toThrow(/^address: /)
    await expect(connection.dial(address as Address)).rejects.toBeInstanceOf(TypeError)
    expect(connection.state).toBe('idle')
  },
)

test('a stream leads to the address that was checked', async () => {
  const stream = await connection.dial({ host: 'db', port: 22 })
  const greeting = await new Promise((resolve) => stream.once('data', resolve))
  expect(String(greeting)).toMatch(/^SSH-2\.0-/)
  stream.destroy()
})

test('connect rejects with what the constructor throws, and throws nothing itself', async () => {
  const attempt = connect('-x', {})
  await expect(attempt).rejects.toMatchObject({ name: 'ConfigError' })
  await expect(connect('gw', { bogus: 1 } as object)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})
