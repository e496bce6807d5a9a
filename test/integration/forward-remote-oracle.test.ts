// What a client of a remote forward meets, and what the destination sees of it: the same as with the real ssh -R.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forwardRemote } from '../../src/forward/forward-remote.js'
import { hopOf } from '../support/hop.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { freePort, type Sshd, startSshd } from '../support/sshd.js'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

interface Way extends AsyncDisposable {
  readonly port: number
}

/** A remote forward to a port of this machine. */
type OpenWay = (destination: number) => Promise<Way>

const ours: OpenWay = async (destination) => {
  const hop = await hopOf(connectionTo(sshd))
  const to = { host: '127.0.0.1', port: destination }
  const forward = await forwardRemote(hop.acquire, { listen: { port: 0 }, to })
  return {
    port: 'port' in forward.address ? forward.address.port : 0,
    async [Symbol.asyncDispose]() {
      await forward.close()
      await hop.close()
    },
  }
}

const theirs: OpenWay = async (destination) => {
  const port = await freePort('127.0.0.1')
  const spec = `${port}:127.0.0.1:${destination}`
  const child = spawn('ssh', ['-N', '-v', '-R', spec, ...sshd.sshArgs()], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface(child.stderr)) {
    if (line.includes('remote forward success')) break
  }
  child.stderr.resume()
  return {
    port,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'close')
      child.kill()
      await ended
    },
  }
}

/** What one end has seen: the bytes, and whether they ended or were cut off. */
interface Seen {
  text: string
  fate: 'ended' | 'reset' | undefined
}

function watch(socket: Socket): Seen {
  const seen: Seen = { text: '', fate: undefined }
  socket.setEncoding('utf8')
  socket.on('data', (piece: string) => {
    seen.text += piece
  })
  socket.on('end', () => {
    seen.fate ??= 'ended'
  })
  socket.on('error', () => {
    seen.fate = 'reset'
  })
  return seen
}

interface Behaviour {
  readonly client?: (socket: Socket) => void
  /** Absent: nothing listens there. */
  readonly server?: (socket: Socket) => void
}

const long = 'x'.repeat(3_000_000)

const behaviours: readonly (readonly [string, Behaviour])[] = [
  ['says something and ends', { client: (it) => it.end('hello'), server: (it) => it.pipe(it) }],
  [
    'ends first, and is answered only then',
    {
      client: (it) => it.end('question'),
      server: (it) => it.once('end', () => it.end('answer')),
    },
  ],
  [
    'is answered to its end first, and speaks on',
    {
      client: (it) => it.once('end', () => it.end('afterthought')),
      server: (it) => it.end('greeting'),
    },
  ],
  ['is sent more than any window holds', { client: (it) => it.end(), server: (it) => it.end(long) }],
  ['sends more than any window holds', { client: (it) => it.end(long), server: (it) => it.resume().end() }],
  [
    'finds nobody there',
    {
      client: (it) => it.end(),
    },
  ],
  [
    'is met with a reset',
    {
      client: (it) => {
        it.once('end', () => it.end()).write('a')
      },
      server: (it) => it.once('data', () => it.resetAndDestroy()),
    },
  ],
]

async function play(open: OpenWay, { client, server }: Behaviour): Promise<unknown> {
  let there: Seen | undefined
  let served: Promise<unknown> | undefined
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    there = watch(socket)
    served = once(socket, 'close')
    server?.(socket)
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const { port } = listener.address() as { port: number }
  if (server === undefined) listener.close()
  await using way = await open(port)
  const socket = connect({ port: way.port, host: '127.0.0.1', allowHalfOpen: true })
  const here = watch(socket)
  client?.(socket)
  await new Promise((resolve) => socket.once('close', resolve))
  await served
  listener.close()
  return { here: digest(here), there: there && digest(there) }
}

const digest = ({ text, fate }: Seen): string =>
  `${text.length > 100 ? text.length : text}, ${fate ?? 'cut short'}`

describe('a client of a remote forward', () => {
  leakCheck()

  test.each(behaviours)('%s, as with ssh -R', async (_, behaviour) => {
    expect(await play(ours, behaviour)).toEqual(await play(theirs, behaviour))
  })
})
