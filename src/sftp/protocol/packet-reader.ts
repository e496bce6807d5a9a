// Cuts a stream of bytes into packets (draft-ietf-secsh-filexfer-02, 3), whatever the pieces in which they come.

import { brokenProtocol } from './broken.js'
import { FieldReader } from './field-reader.js'
import { maxPacketBytes } from './numbers.js'

/** A message and the fields behind its type. The fields may share their memory with the bytes that were read. */
export interface Packet {
  readonly type: number
  readonly fields: FieldReader
}

/** Holds at most one packet that is not whole yet. */
export class PacketReader {
  readonly #maxBytes: number
  readonly #length = Buffer.alloc(4)
  #lengthBytes = 0
  #body: Buffer | undefined
  #bodyBytes = 0

  /** `maxBytes`: the longest packet, without its length. */
  constructor(maxBytes: number = maxPacketBytes) {
    this.#maxBytes = maxBytes
  }

  /** Whether a packet has begun that is not whole yet. */
  get isWithinPacket(): boolean {
    return this.#lengthBytes > 0
  }

  /** The packets that these bytes complete. Throws PROTOCOL_ERROR for one that is empty or too long, with no memory taken. */
  *read(bytes: Buffer): Generator<Packet, void> {
    let position = 0
    while (position < bytes.length) {
      if (this.#lengthBytes < 4) {
        const copied = bytes.copy(this.#length, this.#lengthBytes, position)
        this.#lengthBytes += copied
        position += copied
        if (this.#lengthBytes < 4) return
        this.#checkLength()
      }
      const length = this.#length.readUInt32BE(0)
      const left = bytes.length - position
      if (this.#body === undefined && left >= length) {
        this.#lengthBytes = 0
        position += length
        yield packetOf(bytes.subarray(position - length, position))
        continue
      }
      this.#body ??= Buffer.allocUnsafeSlow(length)
      const copied = bytes.copy(this.#body, this.#bodyBytes, position)
      this.#bodyBytes += copied
      position += copied
      if (this.#bodyBytes < length) return
      const body = this.#body
      this.#lengthBytes = 0
      this.#bodyBytes = 0
      this.#body = undefined
      yield packetOf(body)
    }
  }

  #checkLength(): void {
    const length = this.#length.readUInt32BE(0)
    if (length === 0) throw brokenProtocol('sent an empty packet')
    if (length <= this.#maxBytes) return
    throw brokenProtocol(`sent a packet of ${length} bytes, more than ${this.#maxBytes}`)
  }
}

function packetOf(body: Buffer): Packet {
  return { type: body.readUInt8(0), fields: new FieldReader(body.subarray(1)) }
}
