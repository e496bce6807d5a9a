// A file of the server as a Writable, pipelined, and written in place.

import { Writable } from 'node:stream'
import { callOptionNames, checkCallOptions, checkCount, checkNames, checkOption } from '../option-check.js'
import { type Call, startCall } from './call.js'
import { checkMode } from './file-stats.js'
import { linkedController } from './linked-controller.js'
import { onAbort } from './on-abort.js'
import { openFile } from './open-file.js'
import type { Peer } from './peer.js'
import { PipelinedWriter } from './pipelined-write.js'
import { pathBytes } from './remote-path.js'
import type { RemotePath, WriteStreamOptions } from './sftp.js'

/** Opens the file at once. It finishes when the server has acknowledged everything and closed the file. */
export function writeStream(peer: Peer, path: RemotePath, options: WriteStreamOptions): Writable {
  checkNames(options, { ...callOptionNames, mode: true, flags: true, start: true })
  const { mode, flags = 'w', start = 0, ...callOptions } = options
  checkMode(mode)
  checkCount('start', start)
  checkOption('flags', flags !== ('r' as string), 'one that writes')
  checkCallOptions(callOptions)
  const bytes = pathBytes(path)
  const call: Call = startCall(callOptions, peer.hop)
  const stop = linkedController(call.signal)
  const { signal } = stop
  const opened = openFile(peer, bytes, { flags, mode, signal }).then((file) => ({
    file,
    writer: new PipelinedWriter(file, { start, signal }),
  }))
  const stream = new Writable({
    highWaterMark: 1024 * 1024,
    // Copied: whoever writes may use the bytes again as soon as this is done, which is before they are sent.
    writev(chunks, done) {
      const data = Buffer.concat(chunks.map(({ chunk }: { readonly chunk: Buffer }) => chunk))
      opened.then(({ writer }) => writer.write(data)).then(() => done(), done)
    },
    final(done) {
      const finished = opened.then(async ({ file, writer }) => {
        await writer.finish()
        await file.close({ signal })
      })
      finished.then(() => done(), done)
    },
    destroy(error, done) {
      signal.removeEventListener('abort', abort)
      leave()
      call.dispose()
      stop.dispose()
      stop.abort(error)
      // Also when it is opened only now.
      opened
        .then(({ file, writer }) => {
          writer.stop()
          return file.close()
        })
        .catch(() => {})
      done(error)
    },
  })
  stream.on('error', () => {})
  const abort = (): void => void stream.destroy(signal.reason as Error)
  const leave = onAbort(peer.ended, () => void stream.destroy(peer.ended.reason as Error))
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  opened.catch((error: Error) => stream.destroy(error))
  return stream
}
