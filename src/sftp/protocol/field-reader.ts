// Reads the fields of one packet, one after the other (RFC 4251 5). Knows nothing of what they mean.

import { brokenProtocol } from './broken.js'

const two32 = 2 ** 32

/** Each read throws PROTOCOL_ERROR when the packet ends before it. */
export class FieldReader {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#position
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** Throws PROTOCOL_ERROR for a number that is not exact in JavaScript, of 2^53 and above. */
  uint64(): number {
    const value = this.#uint64()
    if (!Number.isSafeInteger(value)) throw brokenProtocol('sent a number of 2^53 or more')
    return value
  }

  /** As `uint64`, for limits: what is too large to be exact is as good as infinite. */
  limit64(): number {
    const value = this.#uint64()
    return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
  }

  /** Copies nothing: the result shares its memory with the packet. */
  string(): Buffer {
    const length = this.uint32()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A string as UTF-8; what is not becomes U+FFFD. */
  text(): string {
    return this.string().toString('utf8')
  }

  #uint64(): number {
    const start = this.#take(8)
    return this.#bytes.readUInt32BE(start) * two32 + this.#bytes.readUInt32BE(start + 4)
  }

  #take(length: number): number {
    if (length > this.left) throw brokenProtocol('sent a packet that ends too early')
    const start = this.#position
    this.#position += length
    return start
  }
}
