// A file of the server as a Readable, pipelined.

import { Readable } from 'node:stream'
import { callOptionNames, checkCallOptions, checkCount, checkNames, checkOption } from '../option-check.js'
import { startCall } from './call.js'
import { linkedController } from './linked-controller.js'
import { openFile } from './open-file.js'
import type { Peer } from './peer.js'
import { pipelinedRead } from './pipelined-read.js'
import { pathBytes } from './remote-path.js'
import type { ReadStreamOptions, RemotePath } from './sftp.js'

/** Opens the file at the first read, and closes it at the end, however that comes. */
export function readStream(peer: Peer, path: RemotePath, options: ReadStreamOptions): Readable {
  checkNames(options, { ...callOptionNames, start: true, end: true })
  const { start = 0, end = Number.POSITIVE_INFINITY, ...call } = options
  checkCallOptions(call)
  checkCount('start', start)
  checkOption(
    'end',
    end === Number.POSITIVE_INFINITY || (Number.isSafeInteger(end) && end >= start),
    'at least start',
  )
  const bytes = pathBytes(path)
  const gone = linkedController(call.signal)
  const pieces = async function* (): AsyncGenerator<Buffer, void> {
    const { signal: stop, dispose } = startCall({ ...call, signal: gone.signal }, peer.hop)
    try {
      const file = await openFile(peer, bytes, { flags: 'r', mode: undefined, signal: stop })
      try {
        yield* pipelinedRead(file, { start, length: end - start + 1, signal: stop })
      } finally {
        file.close().catch(() => {})
      }
    } finally {
      dispose()
    }
  }
  const stream = Readable.from(pieces(), { objectMode: false, highWaterMark: 1024 * 1024 })
  stream.on('error', () => {})
  // A generator that waits for the server hears of the end of its stream only by this.
  stream.once('close', () => {
    gone.dispose()
    gone.abort()
  })
  return stream
}
