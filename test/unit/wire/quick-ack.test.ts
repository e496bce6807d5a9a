import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { QuickAck } from '../../../src/wire/quick-ack.js'

class FakeStream extends EventEmitter {
  writable = true
  hasAnswered = false

  arrive(bytes: number): void {
    this.hasAnswered = false
    this.emit('data', Buffer.alloc(bytes))
  }
}

let stream: FakeStream
let sent: number
let quickAck: QuickAck
let answered: (value: string) => void
let waiting: Promise<string>

beforeEach(() => {
  stream = new FakeStream()
  sent = 0
  quickAck = new QuickAck(stream as never, () => {
    sent += 1
  })
  waiting = new Promise((resolve) => {
    answered = resolve
  })
})

describe('while somebody waits for an answer', () => {
  beforeEach(() => {
    void quickAck.during(waiting)
  })

  test('what comes in is acknowledged in the next turn, once for all that came', async () => {
    stream.arrive(100)
    stream.arrive(200)
    expect(sent).toBe(0)
    await turn()
    expect(sent).toBe(1)
    stream.arrive(100)
    await turn()
    expect(sent).toBe(2)
  })

  test('an answer of our own is acknowledgement enough', async () => {
    stream.arrive(100)
    stream.hasAnswered = true
    await turn()
    expect(sent).toBe(0)
  })

  test('full segments are left to the system', async () => {
    stream.arrive(1448)
    await turn()
    expect(sent).toBe(0)
  })

  test('nothing is sent on a stream that has ended meanwhile', async () => {
    stream.arrive(100)
    stream.writable = false
    await turn()
    expect(sent).toBe(0)
  })

  test('the answer ends it', async () => {
    stream.arrive(100)
    answered('here')
    expect(await waiting).toBe('here')
    await turn()
    stream.arrive(100)
    await turn()
    expect(sent).toBe(0)
  })
})

test('nobody waiting, nothing is sent', async () => {
  stream.arrive(100)
  await turn()
  expect(sent).toBe(0)
})

test('a failure ends the wait of one and not that of another', async () => {
  const failing = quickAck.during(Promise.reject(new Error('refused')))
  void quickAck.during(waiting)
  await expect(failing).rejects.toThrow('refused')
  stream.arrive(100)
  await turn()
  expect(sent).toBe(1)
})
