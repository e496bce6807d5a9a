// The forwards that ssh_config names, opened by a program on a real sshd.

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { hostBlock, sshConfigFile } from '../support/config-hosts.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { freePort, type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

leakCheck()

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})

function boxWith(...lines: readonly string[]): Connection {
  return new Connection('box', { sshConfig: sshConfigFile(hostBlock('box', sshd, ...lines)), config: false })
}

async function greetingAt(host: string, port: number): Promise<string> {
  const socket = connect({ host, port })
  await once(socket, 'connect')
  const [greeting] = await once(socket, 'data')
  socket.destroy()
  await once(socket, 'close')
  return String(greeting)
}

test('all of them are opened, each kind does its work, and all end with the connection', async () => {
  // The connection may be closed before the client's end has come this far.
  const server = createServer((socket) => socket.on('error', () => {}).end('here'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: herePort } = server.address() as { readonly port: number }
  const [local, dynamic, remote] = [
    await freePort('127.0.0.1'),
    await freePort('127.0.0.1'),
    await freePort('127.0.0.1'),
  ]
  await using box = boxWith(
    `LocalForward 127.0.0.1:${local} ${sshd.host}:${sshd.port}`,
    `DynamicForward 127.0.0.1:${dynamic}`,
    `RemoteForward 127.0.0.1:${remote} 127.0.0.1:${herePort}`,
  )
  const forwards = await box.forwardConfigured()
  expect(forwards.map(({ kind, address }) => ({ kind, ...address }))).toEqual([
    { kind: 'local', host: '127.0.0.1', port: local },
    { kind: 'dynamic', host: '127.0.0.1', port: dynamic },
    { kind: 'remote', host: '127.0.0.1', port: remote },
  ])
  expect(forwards.map(({ to }) => to)).toEqual([
    { host: sshd.host, port: sshd.port },
    undefined,
    { host: '127.0.0.1', port: herePort },
  ])
  expect(await greetingAt('127.0.0.1', local)).toMatch(/^SSH-2\.0-/)
  const back = connect({ host: '127.0.0.1', port: remote })
  expect(await text(back)).toBe('here')
  await box.close()
  await Promise.all(forwards.map(({ closed }) => closed))
  for (const port of [local, dynamic]) {
    await expect(greetingAt('127.0.0.1', port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  }
  server.close()
})

test('one that cannot be opened is a warning, and the others are there', async () => {
  const port = await freePort('127.0.0.1')
  await using box = boxWith(
    `LocalForward ${sshd.host}:${sshd.port} db:1`,
    `LocalForward 127.0.0.1:${port} ${sshd.host}:${sshd.port}`,
  )
  let count = 0
  const warnings = await warningsOf(async () => {
    count = (await box.forwardConfigured()).length
  })
  expect(count).toBe(1)
  expect(warnings).toContainEqual(expect.stringMatching(/local forward \[.*\]:\d+:\[db\]:1: .*in use/))
})

test('with ExitOnForwardFailure one that cannot be opened is an error that leaves none open', async () => {
  const port = await freePort('127.0.0.1')
  await using box = boxWith(
    'ExitOnForwardFailure yes',
    `LocalForward 127.0.0.1:${port} ${sshd.host}:${sshd.port}`,
    `LocalForward ${sshd.host}:${sshd.port} db:1`,
  )
  expect(await failureOf(box.forwardConfigured())).toMatchObject({ code: 'LISTEN_FAILED' })
  await expect(greetingAt('127.0.0.1', port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('with ClearAllForwardings none is opened', async () => {
  await using box = boxWith('ClearAllForwardings yes', 'LocalForward 8080 db:1', 'RemoteForward 8081 db:1')
  expect(await box.forwardConfigured()).toEqual([])
})

test('a connection that cannot be opened is an error, and not as many warnings as there are forwards', async () => {
  await using box = new Connection('127.0.0.1:1', {
    sshConfig: false,
    config: false,
    localForward: ['18080:x:1', '18081:y:2'],
  })
  const warnings = await warningsOf(async () => {
    expect(await failureOf(box.forwardConfigured())).toMatchObject({ code: 'CONNECTION_REFUSED' })
  })
  expect(warnings).toEqual([])
})

test('a connection that is closed meanwhile stays closed', async () => {
  const ports = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
  for (const moment of ['at once', 'when it is open'] as const) {
    const box = boxWith(...ports.map((port) => `LocalForward 127.0.0.1:${port} ${sshd.host}:${sshd.port}`))
    if (moment === 'when it is open') await box.open()
    const opening = failureOf(box.forwardConfigured())
    await box.close()
    expect(await opening).toMatchObject({ code: 'CLOSED' })
    expect(box.state).toBe('closed')
  }
})

test('GatewayPorts says nothing of listeners on the host', async () => {
  const port = await freePort('127.0.0.1')
  await using box = boxWith('GatewayPorts yes', `RemoteForward ${port} 127.0.0.1:1`)
  const [forward] = await box.forwardConfigured()
  expect(forward?.address).toMatchObject({ host: 'localhost', port })
})

test('a connection alone opens none', async () => {
  const port = await freePort('127.0.0.1')
  await using box = boxWith(`LocalForward 127.0.0.1:${port} ${sshd.host}:${sshd.port}`)
  await box.open()
  await expect(greetingAt('127.0.0.1', port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('with GatewayPorts a listener without an address is for everyone, which is told', async () => {
  const port = await freePort('127.0.0.1')
  await using box = boxWith('GatewayPorts yes', `LocalForward ${port} ${sshd.host}:${sshd.port}`)
  const warnings = await warningsOf(async () => {
    await box.forwardConfigured()
  })
  expect(warnings).toContainEqual(
    expect.stringMatching(/^a forward listens where others can connect: \*:\d+$/),
  )
  expect(await greetingAt('127.0.0.9', port)).toMatch(/^SSH-2\.0-/)
})
