// Who waits for a session, for how long, and what a refusal means.

import { setMaxListeners } from 'node:events'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { deferred } from '../../../src/deferred.js'
import { ConnectError, type SallyportError } from '../../../src/errors.js'
import { SessionQueue } from '../../../src/hops/session-queue.js'
import type { ProcessEnd, RemoteProcess, Session } from '../../../src/wire/wire.js'
import { warningsOf } from '../../support/warnings.js'

const hop = { index: 0, count: 1, user: 'ops', host: 'host', port: 22 }
const never = new AbortController().signal
setMaxListeners(0, never)
const details = { hop, phase: 'channel' } as const
const request = (command: string) => ({ command, env: {}, pty: undefined })

/** A server that holds `size` sessions, frees one `lag` refusals after its end, and starts commands by name. */
function server(size: number, { lag = 0, reason = 2 } = {}) {
  const ended = deferred<SallyportError>()
  const open = new Map<string, { process: RemoteProcess; leave: () => void }>()
  const asked: string[] = []
  const freeing: number[] = []
  const room = { size }
  const session = {
    ended: ended.promise,
    start: async ({ command = '' }: { command?: string }) => {
      asked.push(command)
      await turn()
      if (command === 'broken') throw new ConnectError('CHANNEL_REFUSED', 'did not start it', details)
      if (open.size + freeing.length >= room.size) {
        freeing.forEach((left, index) => {
          freeing[index] = left - 1
        })
        while (freeing[0] === 0) freeing.shift()
        throw new ConnectError('CHANNEL_REFUSED', 'open failed', { ...details, reason })
      }
      const end = deferred<ProcessEnd>()
      const process = { stdout: new PassThrough(), end: end.promise } as unknown as RemoteProcess
      const leave = (): void => {
        open.delete(command)
        if (lag > 0) freeing.push(lag)
        end.resolve({ exitCode: 0, signal: null, coreDumped: false })
      }
      open.set(command, { process, leave })
      return process
    },
  } as unknown as Session
  const queue = new SessionQueue(session, { hop })
  const end = (command: string): void => open.get(command)?.leave()
  return { queue, open, asked, end, lose: ended.resolve, room }
}

const settled = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A time of its own for what `work` begins: a millisecond for each turn, and no delay is random. */
async function inItsOwnTime<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  let isOver = false
  const over = work().finally(() => {
    isOver = true
  })
  over.catch(() => {})
  while (!isOver) {
    vi.advanceTimersByTime(1)
    await turn()
  }
  return over
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a queue for sessions', () => {
  it('starts what there is room for, and the others in the order of arrival', async () => {
    const { queue, open, end } = server(2)
    const names = ['a', 'b', 'c', 'd', 'e']
    const started: string[] = []
    const warnings = await warningsOf(async () => {
      const all = names.map((name) => queue.start(request(name), never).then(() => started.push(name)))
      await settled()
      expect(started).toEqual(['a', 'b'])
      for (const name of names) {
        end(name)
        await settled()
      }
      await Promise.all(all)
    })
    expect(started).toEqual(names)
    expect(open.size).toBe(0)
    expect(warnings).toEqual(['holds no more than 2 sessions at once; others wait'])
  })

  it('once it knows how many, asks for no more', async () => {
    const { queue, asked, end } = server(1)
    await queue.start(request('a'), never)
    const others = ['b', 'c', 'd'].map((name) => queue.start(request(name), never))
    await settled()
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
    const last = queue.start(request('e'), never)
    await settled()
    expect(asked).toHaveLength(4)
    for (const name of ['a', 'b', 'c', 'd']) {
      end(name)
      await settled()
    }
    await Promise.all([...others, last])
    expect(asked.slice(4)).toEqual(['b', 'c', 'd', 'e'])
  })

  it('asks again at once where one that has ended may not be free yet', async () => {
    const { queue, asked, end } = server(1, { lag: 3 })
    await queue.start(request('a'), never)
    await inItsOwnTime(() => {
      end('a')
      return queue.start(request('b'), never)
    })
    expect(asked).toEqual(['a', 'b', 'b', 'b', 'b'])
  })

  it('gives the refusal of a server that holds none, and of one whose sessions are not ours', async () => {
    const none = server(0)
    const refused = { code: 'CHANNEL_REFUSED', reason: 2 }
    await expect(none.queue.start(request('a'), never)).rejects.toMatchObject(refused)
    expect(none.asked).toEqual(['a'])
    const stuck = server(1, { lag: 1000 })
    await stuck.queue.start(request('a'), never)
    const waiting = inItsOwnTime(() => {
      stuck.end('a')
      return stuck.queue.start(request('b'), never)
    })
    await expect(waiting).rejects.toMatchObject(refused)
    expect(stuck.asked).toHaveLength(6)
  })

  it('passes on at once what is not refused for want of room', async () => {
    const { queue, asked } = server(5)
    await queue.start(request('a'), never)
    await expect(queue.start(request('broken'), never)).rejects.toMatchObject({ reason: undefined })
    const prohibited = server(1, { reason: 1 })
    await prohibited.queue.start(request('a'), never)
    await expect(prohibited.queue.start(request('b'), never)).rejects.toMatchObject({ reason: 1 })
    expect(asked).toEqual(['a', 'broken'])
  })

  it('lets one that waits leave by its signal, and the next one take its turn', async () => {
    const { queue, asked, end } = server(1)
    await queue.start(request('a'), never)
    const controller = new AbortController()
    const leaving = queue.start(request('b'), controller.signal)
    const staying = queue.start(request('c'), never)
    leaving.catch(() => {})
    await settled()
    controller.abort(new Error('enough'))
    await expect(leaving).rejects.toMatchObject({ name: 'AbortError', hop, cause: { message: 'enough' } })
    end('a')
    await staying
    expect(asked).toEqual(['a', 'b', 'c', 'c'])
    await expect(queue.start(request('d'), AbortSignal.abort('gone'))).rejects.toMatchObject({
      name: 'AbortError',
      cause: 'gone',
    })
  })

  it('ends with the session: whoever waits, or comes later, is told why', async () => {
    const { queue, lose } = server(1)
    await queue.start(request('a'), never)
    const lost = new ConnectError('CONNECTION_LOST', 'gone', { hop, phase: 'session' })
    const waiting = [queue.start(request('b'), never), queue.start(request('c'), never)]
    for (const promise of waiting) promise.catch(() => {})
    await settled()
    lose(lost)
    for (const promise of waiting) await expect(promise).rejects.toBe(lost)
    await expect(queue.start(request('d'), never)).rejects.toBe(lost)
  })

  it('frees the place of a session that the server has closed though its output is unread', async () => {
    const { queue, open, room } = server(1)
    const first = await queue.start(request('a'), never)
    const second = queue.start(request('b'), never)
    await settled()
    expect(open.has('b')).toBe(false)
    room.size = 2
    first.stdout.emit('closed there')
    await second
    expect(open.has('b')).toBe(true)
  })

  it('finds out when there is room for more', async () => {
    const { queue, open, room, end } = server(2)
    const names = Array.from({ length: 200 }, (_, index) => String(index))
    const all = names.map((name) => queue.start(request(name), never))
    await settled()
    expect(open.size).toBe(2)
    room.size = 50
    let widest = 0
    let isOver = false
    const over = Promise.all(all).then(() => {
      isOver = true
    })
    while (!isOver) {
      widest = Math.max(widest, open.size)
      for (const name of [...open.keys()]) end(name)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await over
    expect(widest).toBeGreaterThan(5)
  })
})
