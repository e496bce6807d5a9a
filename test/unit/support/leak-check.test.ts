import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { findLeaks, leakCheck, takeInventory } from '../../support/leak-check.js'

leakCheck()

const impatient = { settleMs: 50 }

it('a listening socket and an open connection are leaks until they are closed', async () => {
  const before = takeInventory()
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = connect(address.port, '127.0.0.1')
  await once(client, 'connect')
  const leaks = (await findLeaks(before, impatient)).join('\n')
  expect(leaks).toMatch(/tcp 127\.0\.0\.1:\d+ to 0\.0\.0\.0:0, listening/)
  expect(leaks).toMatch(/tcp 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, established/)
  expect(leaks).toContain('active resource TCPSocketWrap')
  client.end()
  server.close()
  expect(await findLeaks(before)).toEqual([])
})

it('a child is a leak, with its pipes, until it has ended', async () => {
  const before = takeInventory()
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const leaks = (await findLeaks(before, impatient)).join('\n')
  expect(leaks).toContain(`child process ${child.pid}: sleep`)
  expect(leaks).toContain('descriptor of socket:')
  child.kill('SIGKILL')
  expect(await findLeaks(before)).toEqual([])
})

it('a timer is a leak, also an unref’ed one, and the report says who made it', async () => {
  const before = takeInventory()
  const timers = [setTimeout(() => undefined, 60_000), setInterval(() => undefined, 60_000).unref()]
  const leaks = await findLeaks(before, impatient)
  expect(leaks).toHaveLength(2)
  expect(leaks[0]).toMatch(/a timer that still runs, made at .*leak-check\.test\.ts:\d+/)
  const again = takeInventory()
  for (const timer of timers) clearTimeout(timer)
  expect(await findLeaks(again)).toEqual([])
})

it('a listener for a signal is a leak', async () => {
  const before = takeInventory()
  const listener = (): void => undefined
  process.on('SIGTERM', listener)
  expect(await findLeaks(before, impatient)).toContain('listener of process on SIGTERM')
  process.off('SIGTERM', listener)
  expect(await findLeaks(before)).toEqual([])
})

it('what closes soon is no leak', async () => {
  const before = takeInventory()
  setTimeout(() => undefined, 100)
  expect(await findLeaks(before)).toEqual([])
})
