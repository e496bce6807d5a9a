// Makes one packet, field by field. What the fields mean is for the caller.

const two32 = 2 ** 32

/** A packet in the making: `new PacketWriter(message.stat).uint32(id).string(path).packet()`. */
export class PacketWriter {
  readonly #parts: Buffer[]
  #length = 1

  constructor(type: number) {
    this.#parts = [Buffer.of(type)]
  }

  uint32(value: number): this {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeUInt32BE(value)
    return this.bytes(bytes)
  }

  /** Of a whole number from 0 to 2^53 - 1. */
  uint64(value: number): this {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeUInt32BE(Math.floor(value / two32))
    bytes.writeUInt32BE(value % two32, 4)
    return this.bytes(bytes)
  }

  /** A length and the bytes; text as UTF-8. */
  string(value: string | Uint8Array): this {
    const bytes =
      typeof value === 'string'
        ? Buffer.from(value)
        : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return this.uint32(bytes.length).bytes(bytes)
  }

  /** Bytes as they are, without a length. */
  bytes(bytes: Buffer): this {
    this.#parts.push(bytes)
    this.#length += bytes.length
    return this
  }

  /** The whole packet, with its length in front. */
  packet(): Buffer {
    return this.head(0)
  }

  /** The packet's beginning, to be followed on the stream by `followingBytes` more: for data that need no copy. */
  head(followingBytes: number): Buffer {
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(this.#length + followingBytes)
    return Buffer.concat([length, ...this.#parts], 4 + this.#length)
  }
}
