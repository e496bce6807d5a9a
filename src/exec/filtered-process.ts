// A process whose output passes through filters on the way to its reader, at the reader's pace, with nothing lost.

import { finished, type Readable, Transform, type Writable } from 'node:stream'
import type { RemoteProcess } from '../wire/wire.js'
import { flow } from './flow.js'

/** What happens to one output. */
export interface OutputFilter {
  /** What is passed on of a piece, perhaps with what was held back before. */
  readonly pass: (chunk: Buffer) => Buffer
  /** What was held back at the end. */
  readonly finish?: (() => Buffer) | undefined
  /** Awaited before the next piece. */
  readonly pause?: (() => Promise<void> | undefined) | undefined
}

/** Ends when the process has ended and the filters with it. `stdin` takes the place of the process's own. */
export function filteredProcess(
  process: RemoteProcess,
  filters: {
    readonly stdout?: OutputFilter | undefined
    readonly stderr?: OutputFilter | undefined
    readonly stdin?: Writable | undefined
  },
): RemoteProcess {
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => {})
  const stdout = filters.stdout === undefined ? process.stdout : filtered(process.stdout, filters.stdout)
  const stderr = filters.stderr === undefined ? process.stderr : filtered(process.stderr, filters.stderr)
  const closed = [stdout, stderr].map(
    (stream) => new Promise<void>((resolve) => void finished(stream, { writable: false }, () => resolve())),
  )
  const end = Promise.all([process.end, ...closed]).then(([ending]) => ending)
  end.catch(() => {})
  return {
    stdin: filters.stdin ?? process.stdin,
    stdout,
    stderr,
    end,
    kill: (signal) => process.kill(signal),
    resize: (columns, rows) => process.resize(columns, rows),
    close: () => process.close(),
  }
}

function filtered(source: Readable, filter: OutputFilter): Readable {
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const passed = filter.pass(chunk)
      const data = passed.length === 0 ? undefined : passed
      const pause = filter.pause?.()
      if (pause === undefined) return done(null, data)
      if (data !== undefined) stream.push(data)
      pause.then(
        () => done(),
        (error: unknown) => done(error as Error),
      )
    },
    flush: (done) => {
      const rest = filter.finish?.() ?? Buffer.alloc(0)
      done(null, rest.length === 0 ? undefined : rest)
    },
  })
  stream.on('error', () => {})
  flow(source, stream, { whenClosed: 'pause' })
  finished(source, { writable: false }, (error) => {
    if (error) stream.destroy(error)
    else stream.end()
  })
  stream.once('close', () => {
    if (!source.readableEnded) source.destroy()
  })
  return stream
}
