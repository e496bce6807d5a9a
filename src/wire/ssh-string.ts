// The data types of RFC 4251 5 that keys, signatures and agent messages are made of. Knows nothing of what they mean.

/** `string`: a length and the bytes. */
export function sshString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([sshUint32(bytes.length), bytes])
}

/** `mpint` of a number that is not negative, from its big-endian bytes. */
export function sshMpint(magnitude: Uint8Array): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0)
  const digits = start === -1 ? new Uint8Array() : magnitude.subarray(start)
  return sshString((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits)
}

/** `uint32`. */
export function sshUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Reads values one after the other. Every read throws `RangeError` when there is not enough left. */
export interface SshReader {
  uint32(): number
  /** Copies nothing: the result shares its memory with the input. */
  string(): Buffer
  /** How many bytes are left. */
  left(): number
}

export function sshReader(bytes: Buffer): SshReader {
  let position = 0
  const take = (length: number): Buffer => {
    if (length > bytes.length - position) throw new RangeError('the data end too early')
    position += length
    return bytes.subarray(position - length, position)
  }
  return {
    uint32: () => take(4).readUInt32BE(),
    string: () => take(take(4).readUInt32BE()),
    left: () => bytes.length - position,
  }
}
