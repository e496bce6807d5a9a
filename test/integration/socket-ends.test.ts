// How sockets end through real gateways: half-closed, reset, given up before they are open, lost with their gateway;
// and what becomes of the channels.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/index.js'
import { type Gateways, startGateways } from '../support/gateways.js'
import { leakCheck } from '../support/leak-check.js'
import { optionsFor } from '../support/link-up.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'

const address = { host: '127.0.0.1', port: 0 }
let gateways: Gateways
let start: StartProgram
let server: Server
/** Gets the next connection that is made. */
let arrivals: ((socket: Socket) => void)[] = []

beforeAll(async () => {
  ;[gateways, start] = await Promise.all([startGateways(), bundleLibrary()])
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    const arrive = arrivals.shift()
    if (arrive === undefined) socket.pipe(socket)
    else arrive(socket)
  })
  await once(server.listen(0, address.host), 'listening')
  const bound = server.address()
  if (typeof bound === 'object' && bound !== null) address.port = bound.port
})
afterAll(async () => {
  server.close()
  await gateways[Symbol.asyncDispose]()
})

const withHost = (use: (host: Connection) => Promise<void>) => gateways.withConnection(2, use)

/** Both ends of a new connection. */
async function ends(open: () => Socket): Promise<{ here: Socket; there: Socket }> {
  arrivals = []
  const arrival = new Promise<Socket>((resolve) => arrivals.push(resolve))
  const here = open()
  const [there] = await Promise.all([arrival, once(here, 'connect')])
  return { here, there }
}

async function allOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks).toString()
}

/** Writes for as long as it is let. */
function pour(socket: Socket): void {
  const piece = Buffer.alloc(65_536)
  const fill = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', fill)
  fill()
}

/** How it has closed: with an error or without, and which. */
async function endOf(socket: Socket): Promise<{ hadError: boolean; code: string | undefined }> {
  const hadError = await new Promise<boolean>((resolve) => socket.once('close', resolve))
  return { hadError, code: (socket.errored as NodeJS.ErrnoException | null)?.code }
}

describe('a socket through two gateways', () => {
  leakCheck()

  it('ends here first, and is answered', () =>
    withHost(async (host) => {
      const { here, there } = await ends(() => host.socket(address))
      here.end('question')
      expect(await allOf(there)).toBe('question')
      const closed = endOf(here)
      there.end('x'.repeat(3_000_000))
      expect((await allOf(here)).length).toBe(3_000_000)
      expect(await closed).toEqual({ hadError: false, code: undefined })
      await gateways.allFreed()
    }))

  it('ends there first, and is answered', () =>
    withHost(async (host) => {
      const { here, there } = await ends(() => host.socket(address, { allowHalfOpen: true }))
      there.end('question')
      expect(await allOf(here)).toBe('question')
      here.end('x'.repeat(3_000_000))
      expect((await allOf(there)).length).toBe(3_000_000)
      await gateways.allFreed()
    }))

  it('that is reset there while it is written to fails here', () =>
    withHost(async (host) => {
      const { here, there } = await ends(() => host.socket(address))
      const end = endOf(here)
      pour(here)
      there.once('data', () => there.resetAndDestroy())
      expect(await end).toEqual({ hadError: true, code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/) })
      await gateways.allFreed()
    }))

  it('that is reset there fails a write here although nobody reads', () =>
    withHost(async (host) => {
      const { here, there } = await ends(() => host.socket(address))
      there.write(Buffer.alloc(400_000), () => setImmediate(() => there.resetAndDestroy()))
      await once(there, 'close')
      const failed = new Promise((resolve) => here.write(Buffer.alloc(8_000_000), resolve))
      expect(await failed).toMatchObject({ code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/) })
      expect(here.destroyed).toBe(true)
      await gateways.allFreed()
    }))

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'that is given up here (%s) in the middle ends there',
    (how) =>
      withHost(async (host) => {
        const { here, there } = await ends(() => host.socket(address))
        pour(there)
        await once(here, 'data')
        const end = endOf(there)
        here[how]()
        expect((await endOf(here)).hadError).toBe(false)
        await end
        await gateways.allFreed()
        expect(await host.run('echo next')).toMatchObject({ stdout: 'next\n' })
      }),
  )

  it('that is given up before it is open leaves nothing, whenever that is', () =>
    withHost(async (host) => {
      await host.open()
      const sockets = Array.from({ length: 30 }, () => host.socket(address))
      for (const socket of sockets) {
        await turn()
        socket.destroy()
      }
      await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
      await gateways.allFreed()
    }))

  it('that is lost with its gateway is reset, and can be connected again', () =>
    withHost(async (host) => {
      const { here, there } = await ends(() => host.socket(address))
      const end = endOf(here)
      await gateways.lose(host)
      expect(await end).toEqual({ hadError: true, code: 'ECONNRESET' })
      expect(here.errored).toMatchObject({ syscall: 'read', cause: { code: 'CONNECTION_LOST' } })
      there.destroy()
      here.connect(address)
      await once(here, 'connect')
      here.end('again')
      expect(await allOf(here)).toBe('again')
      await gateways.allFreed()
    }))

  it('that is closed with its connection is reset, and its cause tells why', () =>
    withHost(async (host) => {
      const { here, there } = await ends(() => host.socket(address))
      const end = endOf(here)
      await host.close()
      expect(await end).toEqual({ hadError: true, code: 'ECONNRESET' })
      expect(here.errored).toMatchObject({ cause: { code: 'CLOSED' } })
      there.destroy()
    }))
})

describe('a program with an open socket', () => {
  leakCheck()

  const run = (body: string) => {
    const sshd = gateways.chain.at(1)
    const given = { host: sshd.host, options: optionsFor(sshd), address }
    return start(`const socket = new Connection(given.host, given.options).socket(given.address)\n${body}`, {
      given,
    })
  }

  it('ends when the socket is not to keep it alive', async () => {
    await using program = run(`socket.unref().once('connect', () => console.log('open'))`)
    expect(await program.ended).toEqual({ code: 0, signal: null })
    expect(program.stdout.lines().map(({ text }) => text)).toEqual(['open'])
  })

  it('goes on otherwise, until the socket is closed', async () => {
    await using program = run(`
      socket.unref().ref().once('connect', () => setTimeout(() => socket.write('x'), 300).unref())
      socket.once('data', () => {
        console.log('alive')
        socket.destroy()
      })`)
    expect(await program.ended).toEqual({ code: 0, signal: null })
    expect(program.stdout.lines().map(({ text }) => text)).toEqual(['alive'])
  })
})
