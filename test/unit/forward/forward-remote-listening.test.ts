import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../src/deferred.js'
import type { Address } from '../../../src/dialer.js'
import { ConnectError, SallyportError } from '../../../src/errors.js'
import { RemoteListening } from '../../../src/forward/forward-remote-listening.js'
import { canMendItself, pauseMs } from '../../../src/forward/try-again.js'
import type { AcquireOptions, Lease } from '../../../src/hops/lease.js'
import type { IncomingConnection, RemoteListenRequest } from '../../../src/wire/wire.js'

const hop = { index: 0, count: 1, user: 'u', host: 'far', port: 22 }
const lost = new ConnectError('CONNECTION_LOST', 'lost', { hop, phase: 'session' })
const refused = new ConnectError('FORWARD_REFUSED', 'no', { hop, phase: 'listen' })

/** A far side that can be lost, and answers requests to listen by `answer`: a port, or the error. */
class FarSide {
  /** What was asked for, in order. */
  readonly asked: (number | string)[] = []
  leases = 0
  listening = 0
  onListen: (request: RemoteListenRequest) => void = () => {}
  lose: () => void = () => {}
  readonly #answer: (asked: readonly (number | string)[]) => number | SallyportError

  constructor(answer: (asked: readonly (number | string)[]) => number | SallyportError) {
    this.#answer = answer
  }

  readonly acquire = async ({ signal }: AcquireOptions): Promise<Lease> => {
    signal?.throwIfAborted()
    const ended = deferred<SallyportError>()
    this.leases += 1
    this.lose = () => ended.resolve(lost)
    const session = {
      ended: ended.promise,
      listen: (request: RemoteListenRequest) => this.#listen(request),
    }
    const terms = { forwarding: { permitRemoteOpen: undefined } }
    let isHeld = true
    const release = (): void => {
      if (isHeld) this.leases -= 1
      isHeld = false
    }
    return { hop, session, terms, release } as unknown as Lease
  }

  async #listen(request: RemoteListenRequest): Promise<{ address: Address; close(): Promise<void> }> {
    const { address } = request
    this.asked.push('port' in address ? address.port : address.path)
    this.onListen(request)
    const answer = this.#answer(this.asked)
    if (answer instanceof Error) throw answer
    this.listening += 1
    const close = async (): Promise<void> => {
      this.listening -= 1
    }
    return { address: 'port' in address ? { ...address, port: answer } : address, close }
  }
}

function listeningOn(far: FarSide, port: number, whenLost: 'listen again' | 'close' = 'listen again') {
  return new RemoteListening(far.acquire, {
    listen: { port },
    whenLost,
    to: { host: '127.0.0.1', port: 1 },
    permit: undefined,
    handshakeTimeoutMs: 1000,
    pauseMs: () => 1,
  }).begin({})
}

describe('a remote forward that is lost', () => {
  it('asks three times for the port that the far side chose, and then for any', async () => {
    const far = new FarSide((asked) => (asked.length === 1 ? 4001 : asked.at(-1) === 4001 ? refused : 4002))
    const forward = await listeningOn(far, 0)
    const told: string[] = []
    forward.on('lost', ({ code }) => told.push(code))
    far.lose()
    expect(await once(forward, 'listening')).toEqual([[{ host: 'localhost', port: 4002 }]])
    expect(far.asked).toEqual([0, 4001, 4001, 4001, 0])
    expect(told).toEqual(['CONNECTION_LOST', 'FORWARD_REFUSED', 'FORWARD_REFUSED', 'FORWARD_REFUSED'])
    expect(forward.address).toEqual({ host: 'localhost', port: 4002 })
    await forward.close()
    expect(far).toMatchObject({ leases: 0 })
  })

  it('asks for the port of its request as often as it takes', async () => {
    const far = new FarSide((asked) => (asked.length > 1 && asked.length < 8 ? refused : 4001))
    const forward = await listeningOn(far, 4001)
    far.lose()
    await once(forward, 'listening')
    expect(new Set(far.asked)).toEqual(new Set([4001]))
    await forward.close()
  })

  it('holds one lease while it listens, and none while it waits or is closed', async () => {
    const far = new FarSide((asked) => (asked.length === 1 ? 4001 : refused))
    const forward = await listeningOn(far, 0)
    expect(far).toMatchObject({ leases: 1, listening: 1 })
    const twice = once(forward, 'lost').then(() => once(forward, 'lost'))
    far.lose()
    await twice
    expect(far.leases).toBe(0)
    await Promise.all([forward.close(), forward.close()])
    expect(far.leases).toBe(0)
    const asked = far.asked.length
    await turn()
    expect(far.asked).toHaveLength(asked)
  })

  it('ends what it has begun when it is closed while the far side answers', async () => {
    const far = new FarSide(() => 4001)
    const forward = await listeningOn(far, 0)
    let closed: Promise<void> | undefined
    far.onListen = () => {
      closed = forward.close()
    }
    far.lose()
    await forward.closed
    await closed
    // The first stretch went with its session.
    expect(far).toMatchObject({ leases: 0, listening: 1 })
    expect(far.asked).toEqual([0, 4001])
  })
})

describe('a connection that comes with the answer', () => {
  it('waits until the forward is there, and is counted', async () => {
    const far = new FarSide(() => 4001)
    const refusals: string[] = []
    far.onListen = ({ onConnection }) => {
      const connection: IncomingConnection = {
        from: { host: '192.0.2.7', port: 5 },
        accept: () => {
          throw new Error('nobody is there')
        },
        refuse: () => void refusals.push('refused'),
      }
      onConnection(connection)
    }
    const forward = await listeningOn(far, 0)
    expect(forward.counts.accepted).toBe(1)
    await expect.poll(() => refusals).toEqual(['refused'])
    await expect.poll(() => forward.counts).toMatchObject({ open: 0, refused: 1 })
    await forward.close()
  })
})

describe('trying again', () => {
  it('pauses for 1, 2, 4, 8, 16 and then 30 seconds', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 60].map(pauseMs)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ])
  })

  it.each([
    ['CONNECTION_LOST', true],
    ['CONNECTION_REFUSED', true],
    ['SERVER_BUSY', true],
    ['TIMEOUT', true],
    ['NAME_NOT_FOUND', true],
    ['FORWARD_REFUSED', true],
    ['AUTH_FAILED', false],
    ['CLOSED', false],
    ['PASSPHRASE_NEEDED', false],
    ['NO_COMMON_ALGORITHM', false],
  ] as const)('after %s: %s', (code, again) => {
    expect(canMendItself(new SallyportError(code, 'what'))).toBe(again)
  })
})
