// Notices that a peer has gone silent. Any byte is a sign of life; a late timer is no proof of death.

import type { Session } from '../wire/wire.js'

/** How to watch, as ssh_config(5) ServerAliveInterval and ServerAliveCountMax. */
export interface KeepaliveOptions {
  /** 0 for never. */
  readonly intervalMs: number
  readonly countMax: number
  /** Called once, with the milliseconds of silence. */
  readonly onSilent: (silentMs: number) => void
}

/** Starts watching; the returned function stops it. Never keeps the process alive. */
export function watchLiveness(session: Session, options: KeepaliveOptions): () => void {
  const { intervalMs, countMax, onSilent } = options
  if (intervalMs === 0) return () => {}
  let unanswered = 0
  let lastTick = performance.now()
  let stopped = false
  const tick = () => {
    const now = performance.now()
    // The process slept, or was too busy to read: what the peer sent may still wait to be read. Ask anew.
    const wasLate = now - lastTick > intervalMs * 1.5
    const heard = session.lastReceivedAt > lastTick
    lastTick = now
    if (wasLate || heard) unanswered = 0
    if (unanswered >= countMax) {
      stop()
      onSilent(now - session.lastReceivedAt)
    } else if (!heard) {
      unanswered += 1
      session.ping()
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
