// Bytes from one stream to another at the pace of the second. Neither stream is ended or destroyed here.

import type { Readable, Writable } from 'node:stream'

/**
 * Passes on what `source` gives. It stands still while `sink` is full, and for good once `sink` takes nothing more;
 * with `whenClosed: 'discard'` it goes on then, so that other listeners still get everything. A chunk of a kind that
 * `sink` refuses destroys `source` with the error.
 * The function that it returns ends the flow and leaves no listener behind.
 */
export function flow(
  source: Readable,
  sink: Writable,
  options: { readonly whenClosed: 'pause' | 'discard' },
): () => void {
  const goOn = (): void => void source.resume()
  const onClose = options.whenClosed === 'discard' ? goOn : () => {}
  const onData = (chunk: Uint8Array | string): void => {
    const closed = sink.destroyed || sink.writableEnded
    try {
      if (closed ? options.whenClosed === 'pause' : !sink.write(chunk)) source.pause()
    } catch (error) {
      source.destroy(error as Error)
    }
  }
  sink.on('drain', goOn).on('close', onClose)
  source.on('data', onData)
  return () => {
    source.off('data', onData)
    sink.off('drain', goOn).off('close', onClose)
  }
}
