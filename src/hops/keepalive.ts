// Notices that a peer has gone silent, and which of the hops on the way to it. Any byte is a sign of life; a late timer
// is no proof of death.

import type { HopRef } from '../errors.js'
import type { Session } from '../wire/wire.js'

/** A hop and its open session. */
export interface OpenHop {
  readonly hop: HopRef
  readonly session: Session
}

/** How to watch, as ssh_config(5) ServerAliveInterval and ServerAliveCountMax. */
export interface KeepaliveOptions {
  /** 0 for never. */
  readonly intervalMs: number
  /** How many unanswered questions are silence; 0 for any number, which is none. */
  readonly countMax: number
  /** The hops on the way, the first one first: they are asked together with the one that is watched. */
  readonly before: readonly OpenHop[]
  /** Called once, with the first hop on the way that is silent, and the milliseconds of its silence. */
  readonly onSilent: (hop: HopRef, silentMs: number) => void
}

/** Starts watching; the returned function stops it. Never keeps the process alive. */
export function watchLiveness(watched: OpenHop, options: KeepaliveOptions): () => void {
  const { intervalMs, countMax, before, onSilent } = options
  const { session } = watched
  if (intervalMs === 0) return () => {}
  let unanswered = 0
  // A hop on the way may have answered the first question, and be silent since; the second tells.
  let askedAt = 0
  let lastTick = performance.now()
  let stopped = false
  const tick = () => {
    const now = performance.now()
    // The process slept, or was too busy to read: what the peer sent may still wait to be read. Ask anew.
    const wasLate = now - lastTick > intervalMs * 1.5
    const heard = session.lastReceivedAt > lastTick
    lastTick = now
    if (wasLate || heard) unanswered = 0
    if (countMax > 0 && unanswered >= countMax) {
      stop()
      const silent = before.find((hop) => hop.session.lastReceivedAt < askedAt) ?? watched
      onSilent(silent.hop, now - silent.session.lastReceivedAt)
    } else if (!heard) {
      if (unanswered < 2) askedAt = now
      unanswered += 1
      for (const hop of [...before, watched]) hop.session.ping()
    }
  }
  const timer = setInterval(() => setImmediate(() => !stopped && tick()), intervalMs)
  timer.unref()
  const stop = () => {
    stopped = true
    clearInterval(timer)
  }
  return stop
}
