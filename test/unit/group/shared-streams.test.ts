import { once } from 'node:events'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { SharedSinks } from '../../../src/group/shared-streams.js'

/** A stream that takes in one piece at a time, when the test lets it. */
function slowSink() {
  const taken: string[] = []
  let next: (() => void) | undefined
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      taken.push(String(chunk))
      next = done
    },
  })
  return { sink, taken, takeNext: () => next?.() }
}

function forMember(sinks: SharedSinks): Writable {
  const { stdout } = sinks.forMember()
  if (stdout === undefined) throw new Error('there is a stream')
  return stdout
}

describe('a stream that many members write to', () => {
  test('has one listener for each event, and none when the work is over', () => {
    const { sink } = slowSink()
    const sinks = new SharedSinks({ stdout: sink })
    for (let member = 0; member < 100; member += 1) forMember(sinks)
    expect(['error', 'drain', 'close'].map((name) => sink.listenerCount(name))).toEqual([1, 1, 1])
    sinks.release()
    expect(['error', 'drain', 'close'].map((name) => sink.listenerCount(name))).toEqual([0, 0, 0])
    expect(sink.writableEnded).toBe(false)
  })

  test('makes them wait while it is full', async () => {
    const { sink, taken, takeNext } = slowSink()
    const sinks = new SharedSinks({ stdout: sink })
    const [a, b] = [forMember(sinks), forMember(sinks)]
    expect(a.write('a')).toBe(false)
    expect(b.write('b')).toBe(false)
    takeNext()
    const drained = [once(a, 'drain'), once(b, 'drain')]
    takeNext()
    await Promise.all(drained)
    expect(taken).toEqual(['a', 'b'])
    sinks.release()
  })

  test('has all that was written by then when it is ended by its owner', async () => {
    const taken: string[] = []
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        taken.push(String(chunk))
        setImmediate(done)
      },
    })
    const sinks = new SharedSinks({ stdout: sink })
    for (const text of 'abcde') forMember(sinks).write(text)
    sinks.release()
    sink.end()
    await once(sink, 'finish')
    expect(taken).toEqual([...'abcde'])
  })

  test('that fails, fails for each of them', async () => {
    const { sink } = slowSink()
    const sinks = new SharedSinks({ stdout: sink })
    const problem = new Error('the disk is full')
    const early = forMember(sinks)
    const failed = once(early, 'error')
    sink.destroy(problem)
    expect(await failed).toEqual([problem])
    const late = forMember(sinks)
    late.write('x')
    expect(await once(late, 'error')).toEqual([problem])
    sinks.release()
  })

  test('that was closed by its reader takes in the rest without a word', async () => {
    const { sink } = slowSink()
    const sinks = new SharedSinks({ stdout: sink })
    const waiting = forMember(sinks)
    const written = (text: string) => new Promise((resolve) => void waiting.write(text, resolve))
    const first = written('x')
    sink.destroy()
    expect(await Promise.all([first, written('y')])).toEqual([null, null])
    sinks.release()
  })
})
