import { EventEmitter } from 'node:events'
import type { ClientChannel } from 'ssh2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChannelWindow } from '../../../src/wire/ssh2-window.js'

const mebibyte = 2 ** 20
const packet = 32_768

beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ['performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** A connection whose server is far away: what it hears is `roundTripMs` old. */
class Line {
  readonly roundTripMs: number
  readonly _protocol = {
    channelWindowAdjust: (id: number, bytes: number) => {
      this.underWay(id).push({ at: performance.now() + this.roundTripMs, bytes })
    },
  }
  readonly #underWay = new Map<number, { readonly at: number; readonly bytes: number }[]>()

  constructor(roundTripMs: number) {
    this.roundTripMs = roundTripMs
  }

  /** What the server has not heard yet about a channel. */
  underWay(id: number): { readonly at: number; readonly bytes: number }[] {
    const list = this.#underWay.get(id) ?? []
    this.#underWay.set(id, list)
    return list
  }
}

let channels = 0

class FakeChannel extends EventEmitter {
  readonly incoming = { window: 2 * mebibyte }
  readonly outgoing = { id: ++channels, state: 'open' }
  readonly _client: Line
  readonly stderr = { push: (): boolean => true, readableLength: 0 }
  readableLength = 0
  /** What its server thinks that it may send. */
  mayBeSent = 2 * mebibyte

  constructor(line: Line) {
    super()
    this._client = line
  }

  push(piece: Buffer | null): boolean {
    this.incoming.window -= piece?.length ?? 0
    this.readableLength += piece?.length ?? 0
    return true
  }

  /** The server hears what has come to it by now. */
  hear(): void {
    const underWay = this._client.underWay(this.outgoing.id)
    while (underWay[0] !== undefined && underWay[0].at <= performance.now()) {
      this.mayBeSent += underWay.shift()?.bytes ?? 0
    }
  }

  /** The time that passes until something more is heard. */
  wait(): void {
    const [next] = this._client.underWay(this.outgoing.id)
    if (next === undefined) throw new Error('the sender waits for ever')
    vi.advanceTimersByTime(Math.max(1, next.at - performance.now()))
  }
}

interface Scene {
  readonly channel: FakeChannel
  readonly window: ChannelWindow
}

function open(line: Line): Scene {
  const channel = new FakeChannel(line)
  return { channel, window: new ChannelWindow(channel as unknown as ClientChannel) }
}

/** Sends as much as the window lets through, each packet of it taking `eachMs`; all that came is read at once. */
function download({ channel, window }: Scene, bytes: number, { eachMs = 0.1, reads = true } = {}): void {
  for (let sent = 0; sent < bytes; ) {
    channel.hear()
    const length = Math.min(packet, channel.mayBeSent)
    if (length === 0) {
      channel.wait()
      continue
    }
    vi.advanceTimersByTime(eachMs)
    channel.mayBeSent -= length
    sent += length
    channel.push(Buffer.alloc(length))
    if (reads) read(channel, window)
    expect(channel.incoming.window + channel.readableLength).toBeLessThanOrEqual(window.bytes)
  }
}

function read(channel: FakeChannel, window: ChannelWindow): void {
  channel.readableLength = 0
  window.onRead()
}

describe('the window of a channel', () => {
  it('widens while its sender waits for it, up to what sshd can hold', () => {
    const scene = open(new Line(100))
    download(scene, 8 * mebibyte)
    expect(scene.window.bytes).toBeGreaterThan(2 * mebibyte)
    download(scene, 100 * mebibyte)
    expect(scene.window.bytes).toBe(16 * mebibyte)
  })

  it('stays as it is where the line is short', () => {
    const scene = open(new Line(1))
    download(scene, 100 * mebibyte)
    expect(scene.window.bytes).toBe(2 * mebibyte)
  })

  it('stays as it is for a sender that is slow of its own accord', () => {
    const scene = open(new Line(20))
    download(scene, 30 * mebibyte, { eachMs: 5 })
    expect(scene.window.bytes).toBe(2 * mebibyte)
  })

  it('stays as it is for a reader that is slow, and holds no more than itself', () => {
    const scene = open(new Line(100))
    const { channel, window } = scene
    for (let round = 0; round < 30; round++) {
      download(scene, channel.incoming.window, { reads: false })
      vi.advanceTimersByTime(500)
      read(channel, window)
      vi.advanceTimersByTime(100)
    }
    expect(window.bytes).toBe(2 * mebibyte)
  })

  it('has no part in more than the connection has for all of its channels, and gives back what it had', () => {
    const line = new Line(100)
    const scenes = Array.from({ length: 4 }, () => {
      const scene = open(line)
      download(scene, 100 * mebibyte)
      return scene
    })
    const sizes = scenes.map(({ window }) => window.bytes / mebibyte)
    expect(sizes).toEqual([16, 16, 4, 4])
    scenes[0]?.channel.emit('close')
    const late = open(line)
    download(late, 100 * mebibyte)
    expect(late.window.bytes).toBe(16 * mebibyte)
  })
})
