// A process from its start to its end, whatever ends it: nothing of it is pending afterwards, and no error goes unheard.
// Where it came from is for start-process and local.

import type { HopRef } from '../errors.js'
import type { ProcessEnd, RemoteProcess } from '../wire/wire.js'
import type { Stop } from './stop.js'

/** What stands between a process and its user: it may watch and change what passes. */
export type Wrap = (process: RemoteProcess, scene: Scene) => RemoteProcess

/** What a {@link Wrap} is told. */
export interface Scene {
  /** `undefined` for a process of this machine. */
  readonly hop: HopRef | undefined
  readonly stop: Stop
  /** Whether a terminal was asked for. */
  readonly hasTerminal: boolean
}

/**
 * Settles once, after `onEnd` was called: with the process's end, with the error by which it was lost, or with the
 * reason of the stop, which waits for nobody. Never an unhandled rejection. A process that is stopped is sent TERM,
 * its streams are destroyed, and it is closed.
 */
export function holdProcess(
  process: RemoteProcess,
  { stop, onEnd }: { readonly stop: Stop; readonly onEnd: (error?: unknown) => void },
): Promise<ProcessEnd> {
  const streams = [process.stdin, process.stdout, process.stderr]
  for (const stream of streams) stream.on('error', () => {})
  const fail = (error: unknown): void => {
    for (const stream of streams) stream.destroy(error instanceof Error ? error : undefined)
  }

  let halt = (): void => {}
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    process.end.then(resolve, reject)
    halt = () => {
      reject(stop.signal.reason)
      process.kill('TERM')
      fail(stop.signal.reason)
      process.close()
    }
  })
  if (stop.signal.aborted) halt()
  else stop.signal.addEventListener('abort', halt, { once: true })

  const release = (error?: unknown): void => {
    stop.signal.removeEventListener('abort', halt)
    stop.dispose()
    onEnd(error)
  }
  const end = ended.then(
    (ending) => {
      release()
      return ending
    },
    (error: unknown) => {
      fail(error)
      release(error)
      throw error
    },
  )
  end.catch(() => {})
  return end
}
