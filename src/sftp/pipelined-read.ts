// Reads a file from one end to the other with many requests under way, whose replies may come in any order. What is
// handed out is in order; what waits for its turn is bounded.

import { linkedController } from './linked-controller.js'
import type { SftpFile } from './sftp.js'

export interface PipelinedReadOptions {
  /** The first byte. Default 0. */
  readonly start?: number | undefined
  /** How many bytes at most. Default: to the end of the file. */
  readonly length?: number | undefined
  /** Ends the reading at once. */
  readonly signal?: AbortSignal | undefined
  /** The most bytes asked for and not handed out yet. Default 8 MiB. */
  readonly bytesInFlight?: number | undefined
}

/** As many as `sftp` of OpenSSH has. Small files need no more than the first few. */
const mostRequests = 64
const firstRequests = 2

/**
 * The bytes of a file, in order, in pieces of at most what the server gives at once. Ends at the end of the file, or
 * after `length` bytes: whoever knows how many there must be compares. The file stays open.
 */
export async function* pipelinedRead(
  file: Pick<SftpFile, 'read' | 'readBytes'>,
  options: PipelinedReadOptions = {},
): AsyncGenerator<Buffer, void> {
  const { start = 0, length = Number.POSITIVE_INFINITY, signal, bytesInFlight = 8 * 1024 * 1024 } = options
  const end = start + length
  const mostInFlight = Math.max(1, Math.min(mostRequests, Math.floor(bytesInFlight / file.readBytes)))
  const stop = linkedController(signal)
  const queue: { readonly asked: number; readonly data: Promise<Buffer> }[] = []
  let position = start
  let inFlight = firstRequests
  const askMore = (): void => {
    while (queue.length < Math.min(inFlight, mostInFlight) && position < end) {
      const asked = Math.min(file.readBytes, end - position)
      const data = file.read(position, asked, { signal: stop.signal })
      data.catch(() => {})
      queue.push({ asked, data })
      position += asked
    }
  }
  try {
    askMore()
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const data = await next.data
      inFlight += 2
      if (data.length < next.asked) {
        // What is asked for beyond the end is of no interest, even if the file grows meanwhile.
        if (data.length > 0) yield data
        return
      }
      askMore()
      yield data
    }
  } finally {
    stop.dispose()
    stop.abort()
  }
}
