// A stream of bytes as lines of text, at the reader's pace and of bounded length.

import type { Readable } from 'node:stream'

/**
 * The lines of `source`, decoded as UTF-8, without their line feeds and the carriage returns before these; a last
 * line need not end in a line feed. Throws what `tooLong` makes for a line of more than `maxLineBytes`. Leaving the
 * iteration leaves the source open, and what was read beyond the last line is lost.
 */
export async function* readLines(
  source: Readable,
  options: { readonly maxLineBytes: number; readonly tooLong: () => Error },
): AsyncGenerator<string, void, undefined> {
  let parts: Buffer[] = []
  let size = 0
  const add = (part: Buffer): void => {
    parts.push(part)
    size += part.length
    if (size > options.maxLineBytes) throw options.tooLong()
  }
  const take = (): string => {
    const line = Buffer.concat(parts, size)
    parts = []
    size = 0
    return line.toString('utf8').replace(/\r$/, '')
  }
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let begin = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, begin)) {
      add(chunk.subarray(begin, end))
      begin = end + 1
      yield take()
    }
    if (begin < chunk.length) add(chunk.subarray(begin))
  }
  if (size > 0) yield take()
}
