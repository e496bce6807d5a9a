import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { ConnectError } from '../../../src/errors.js'
import { joinIncoming } from '../../../src/forward/forward-remote-join.js'
import { ForwardWork } from '../../../src/forward/forward-work.js'
import { leakCheck } from '../../support/leak-check.js'

leakCheck()

const hop = { index: 0, count: 1, user: 'u', host: 'far', port: 22 }
const lost = new ConnectError('CONNECTION_LOST', 'lost', { hop, phase: 'session' })

/** A forward to a port where nobody listens, and what is told of its refused connections. */
function rig() {
  const session = new AbortController()
  const work = new ForwardWork({
    kind: 'remote',
    hop,
    addresses: [{ host: 'localhost', port: 80 }],
    to: undefined,
    stopListening: async () => {},
  })
  const told: unknown[] = []
  work.forward.on('refused', ({ error }) => told.push(Reflect.get(error, 'code')))
  let refusals = 0
  const incoming = {
    from: { host: '192.0.2.7', port: 5 },
    accept: () => expect.unreachable(),
    refuse: () => {
      refusals += 1
    },
  }
  const arrive = (): Promise<void> =>
    joinIncoming(work, incoming, {
      hop,
      to: { host: '127.0.0.1', port: 1 },
      permit: async () => {},
      handshakeTimeoutMs: 1000,
      listensOn: { host: 'localhost', port: 80 },
      gone: session.signal,
    })
  return { session, work, told, arrive, refusals: () => refusals }
}

/** What a signal keeps of others that were made of it. */
function dependantsOf(signal: AbortSignal): readonly unknown[] {
  const keys = Object.getOwnPropertySymbols(signal).filter((key) => /dependant/i.test(String(key)))
  return keys.flatMap((key) => [...((Reflect.get(signal, key) ?? []) as Iterable<unknown>)])
}

it('a connection leaves nothing behind with the session that it came by', async () => {
  const { session, work, told, arrive } = rig()
  await Promise.all([arrive(), arrive(), arrive()])
  expect(told).toEqual(Array(3).fill('CONNECTION_REFUSED'))
  expect(getEventListeners(session.signal, 'abort')).toEqual([])
  expect(dependantsOf(session.signal)).toEqual([])
  await work.forward.close()
})

it('a connection whose session ends while its other side is being opened is refused for that', async () => {
  const { session, work, told, arrive, refusals } = rig()
  const arrived = arrive()
  session.abort(lost)
  await arrived
  await arrive()
  expect([told, refusals()]).toEqual([['CONNECTION_LOST', 'CONNECTION_LOST'], 2])
  await work.forward.close()
})

it('a connection whose forward is closed while its other side is being opened is turned away', async () => {
  const { work, told, arrive, refusals } = rig()
  const arrived = arrive()
  await work.forward.close()
  await arrived
  expect([told, refusals()]).toEqual([[], 1])
})
