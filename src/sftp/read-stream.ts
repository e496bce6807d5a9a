// A file of the server as a Readable, pipelined.

import { Readable } from 'node:stream'
import { callOptionNames, checkCallOptions, checkCount, checkNames, checkOption } from '../option-check.js'
import { startCall } from './call.js'
import { linkedController } from './linked-controller.js'
import { onAbort } from './on-abort.js'
import { openFile } from './open-file.js'
import type { Peer } from './peer.js'
import { pipelinedRead } from './pipelined-read.js'
import { pathBytes } from './remote-path.js'
import type { ReadStreamOptions, RemotePath } from './sftp.js'

/** Opens the file at the first read, and closes it at the end, however that comes. */
export function readStream(peer: Peer, path: RemotePath, options: ReadStreamOptions): Readable {
  checkNames(options, { ...callOptionNames, start: true, end: true })
  const { start = 0, end = Number.POSITIVE_INFINITY, ...callOptions } = options
  checkCallOptions(callOptions)
  checkCount('start', start)
  checkOption(
    'end',
    end === Number.POSITIVE_INFINITY || (Number.isSafeInteger(end) && end >= start),
    'at least start',
  )
  const bytes = pathBytes(path)
  const call = startCall(callOptions, peer.hop)
  const stop = linkedController(call.signal)
  const { signal } = stop
  const pieces = (async function* () {
    const file = await openFile(peer, bytes, { flags: 'r', mode: undefined, signal })
    try {
      yield* pipelinedRead(file, { start, length: end - start + 1, signal })
    } finally {
      file.close().catch(() => {})
    }
  })()
  // Not Readable.from, whose end would wait for the answer that the generator waits for.
  const stream = new Readable({
    highWaterMark: 1024 * 1024,
    read() {
      pieces.next().then(
        ({ value }) => void this.push(value ?? null),
        (error: Error) => void this.destroy(error),
      )
    },
    destroy(error, done) {
      signal.removeEventListener('abort', abort)
      leave()
      call.dispose()
      stop.dispose()
      stop.abort(error)
      pieces.return().catch(() => {})
      done(error)
    },
  })
  stream.on('error', () => {})
  const abort = (): void => void stream.destroy(signal.reason as Error)
  const leave = onAbort(peer.ended, () => void stream.destroy(peer.ended.reason as Error))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return stream
}
