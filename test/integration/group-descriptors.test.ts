import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'

let network: Network
let startProgram: StartProgram
let server: Server

beforeAll(async () => {
  ;[network, startProgram] = await Promise.all([
    createNetwork({ hosts: { gate: { listen: true } } }),
    bundleLibrary(),
  ])
  // One SSH server on all addresses of the loopback network, each of which is another server to its clients.
  server = createServer(async (socket) => {
    socket.on('error', () => {})
    const stream = await network.dialer.dial({ host: 'gate', port: 22 })
    stream.on('error', () => {})
    socket.pipe(stream).pipe(socket)
    socket.on('close', () => stream.destroy())
    stream.on('close', () => socket.destroy())
  })
  server.listen({ port: 0, host: '0.0.0.0', backlog: 1000 })
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await network.close()
})

leakCheck()

/** A program with a group of hosts, each a connection of its own, the last one by a name, and 256 descriptors. */
function startGroup(count: number, body: string) {
  const { port } = server.address() as AddressInfo
  const hosts = Array.from({ length: count }, (_, index) => `127.1.${index >> 8}.${index & 255}:${port}`)
  hosts[count - 1] = `localhost:${port}`
  const connection = { ...network.settings, user: 'ops', hostKeyAlias: 'gate' }
  return startProgram(
    `const { Group } = await import('./index.js')
    const { closeSync, openSync, readdirSync } = await import('node:fs')
    const group = new Group(given.hosts, { connection: given.connection, parallel: 500 })
    const brief = (outcomes) => outcomes.map(({ status, value, error }) =>
      status === 'succeeded' ? value.stdout.trim() : error?.code)
    ${body}`,
    { given: { hosts, connection }, under: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'] },
  )
}

describe('a process with 256 descriptors', () => {
  test('works on 500 hosts with as many at once as there is room for, and keeps none', {
    timeout: 90_000,
  }, async () => {
    await using program = startGroup(
      500,
      `await group.members()
      const before = readdirSync('/proc/self/fd').length
      const outcomes = await group.run('hostname').outcomes()
      const counts = {}
      for (const each of brief(outcomes)) counts[each] = (counts[each] ?? 0) + 1
      const after = readdirSync('/proc/self/fd').length
      process.stdout.write(JSON.stringify({ counts, left: after - before }) + '\\n')`,
    )
    expect(await program.ended).toEqual({ code: 0, signal: null })
    const [line] = program.stdout.lines()
    expect(JSON.parse(line?.text ?? '')).toEqual({ counts: { gate: 500 }, left: 0 })
    expect(program.stderr.lines()).toEqual([])
  })

  test('of which none is left fails each member with the reason, and works again when there are some', async () => {
    await using program = startGroup(
      3,
      `await group.members()
      const taken = []
      try { for (;;) taken.push(openSync('/dev/null')) } catch {}
      const none = await group.run('hostname').outcomes()
      for (const descriptor of taken) closeSync(descriptor)
      const some = await group.run('hostname').outcomes()
      const findCode = (error) => error?.errno !== undefined ? error.code
        : findCode(error.cause ?? error.errors?.[0])
      process.stdout.write(JSON.stringify([brief(none), none.map(({ error }) => findCode(error)), brief(some)]) + '\\n')`,
    )
    expect(await program.ended).toEqual({ code: 0, signal: null })
    const [line] = program.stdout.lines()
    expect(JSON.parse(line?.text ?? '')).toEqual([
      Array(3).fill('CONNECTION_FAILED'),
      Array(3).fill('EMFILE'),
      Array(3).fill('gate'),
    ])
  })
})
