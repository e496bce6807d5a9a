// How what was written to a socket is cut for the channel: many small writes become one packet, and a large one is
// several, so that the progress of it can be seen.

/** What sshd takes in one packet. */
const packetBytes = 32_768
const pieceBytes = 262_144

/** One write that waited: text comes with its encoding. */
export interface WrittenChunk {
  readonly chunk: Buffer | string
  readonly encoding: BufferEncoding
}

/** The same bytes in the same order. What is large already is not copied. */
export function* writePieces(chunks: readonly WrittenChunk[]): Generator<Buffer> {
  let small: Buffer[] = []
  let smallBytes = 0
  const joined = () => {
    const [first] = small
    const whole = small.length === 1 && first !== undefined ? first : Buffer.concat(small, smallBytes)
    small = []
    smallBytes = 0
    return whole
  }
  for (const { chunk, encoding } of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    if (smallBytes > 0 && smallBytes + bytes.length > packetBytes) yield joined()
    if (bytes.length < packetBytes) {
      small.push(bytes)
      smallBytes += bytes.length
    } else {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    }
  }
  if (smallBytes > 0) yield joined()
}
