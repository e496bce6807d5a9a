// Bytes and streams as something to upload.

import { Readable } from 'node:stream'
import { ConfigError } from '../errors.js'
import { type Content, pieceBytes } from './content.js'
import type { PutSource } from './transfer.js'

/** What `put` takes besides paths. */
export type GivenSource = Exclude<PutSource, string>

/** Throws TypeError for what is no source at all, and ConfigError for a stream that was read to its end before. */
export function requireGiven(source: unknown): GivenSource {
  if (source instanceof Uint8Array) return source
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) {
    if (Reflect.get(source, 'readableEnded') === true) {
      const what = 'the stream has been read to its end already, and nothing is left of it to put'
      throw new ConfigError('INVALID_OPTION', what, { origin: 'the source' })
    }
    return source as GivenSource
  }
  throw new TypeError('source: must be a path, bytes, a stream or an async iterable')
}

/** The name that a stream has by itself, as those of files do. */
export function findNameOf(source: GivenSource): string | undefined {
  if (source instanceof Uint8Array) return undefined
  for (const key of ['path', 'name']) {
    const value: unknown = Reflect.get(source, key)
    const text = Buffer.isBuffer(value) ? value.toString() : value
    if (typeof text !== 'string') continue
    const name = text.split(process.platform === 'win32' ? /[/\\]/ : '/').at(-1)
    if (name !== undefined && name !== '' && name !== '.' && name !== '..') return name
  }
  return undefined
}

/** Disposing it destroys a stream, and leaves an iteration that has begun. */
export function givenContent(source: GivenSource): Content {
  const plain = { path: '', mode: undefined, times: undefined, version: undefined }
  if (source instanceof Uint8Array) {
    const size = source.byteLength
    return { ...plain, size, read: () => piecesOf(source), async [Symbol.asyncDispose]() {} }
  }
  if (source instanceof Readable) source.on('error', () => {})
  const iterator = source[Symbol.asyncIterator]()
  return {
    ...plain,
    size: undefined,
    read: () => gathered(iterator),
    async [Symbol.asyncDispose]() {
      if (source instanceof Readable) source.destroy()
      // A source that hangs must not hold up its own end.
      else void Promise.resolve(iterator.return?.()).catch(() => {})
    },
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Buffer, void, undefined> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes)
}

/** Small chunks become pieces, large ones several. */
async function* gathered(
  source: AsyncIterator<string | Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  let waiting: Buffer[] = []
  let length = 0
  for (;;) {
    const next = await source.next()
    if (next.done) break
    const chunk: unknown = next.value
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      throw new TypeError('source: must give text or bytes')
    }
    const bytes = Buffer.from(chunk)
    waiting.push(bytes)
    length += bytes.length
    if (length < pieceBytes) continue
    const whole = Buffer.concat(waiting)
    const end = whole.length - (whole.length % pieceBytes)
    yield* piecesOf(whole.subarray(0, end))
    waiting = [whole.subarray(end)]
    length = whole.length - end
  }
  if (length > 0) yield Buffer.concat(waiting)
}
