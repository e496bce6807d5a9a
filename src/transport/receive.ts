// Reads from a stream that others go on to read: only what belongs to an exchange is taken, the rest stays in the stream.

import type { Duplex } from 'node:stream'

/** The stream ended, or failed, before the peer had answered. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly'
}

/**
 * Calls `take` whenever there is more to read, until it gives something. `take` reads with `stream.read(…)` and puts back
 * at once, by `unshift`, what is not for it. Rejects with {@link EndedEarly}, with what `take` throws, or with the
 * signal's reason. The stream is left paused.
 */
export function receive<T>(stream: Duplex, take: () => T | undefined, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      stream.off('readable', look).off('end', ended).off('close', ended).off('error', failed)
      signal.removeEventListener('abort', aborted)
      act()
    }
    const look = (): void => {
      try {
        const taken = take()
        if (taken !== undefined) settle(() => resolve(taken))
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const ended = (): void => settle(() => reject(new EndedEarly('the connection was closed')))
    const failed = (error: Error): void =>
      settle(() => reject(new EndedEarly(error.message, { cause: error })))
    const aborted = (): void => settle(() => reject(signal.reason))
    if (signal.aborted) return aborted()
    if (stream.errored) return failed(stream.errored)
    if (stream.destroyed || stream.readableEnded) return ended()
    signal.addEventListener('abort', aborted)
    stream.on('readable', look).on('end', ended).on('close', ended).on('error', failed)
    look()
  })
}

/** Exactly so many bytes. Rejects as {@link receive}. */
export async function receiveBytes(stream: Duplex, count: number, signal: AbortSignal): Promise<Buffer> {
  const bytes = await receive<Buffer>(
    stream,
    () => (stream.read(count) as Buffer | null) ?? undefined,
    signal,
  )
  // At its end a stream gives what there is left.
  if (bytes.length < count) throw new EndedEarly('the connection was closed')
  return bytes
}
