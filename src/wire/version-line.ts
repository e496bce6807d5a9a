// Reads what a server sends before its first packet (RFC 4253 4.2): perhaps some lines, then its version line.
// Decides what cannot be SSH, and what an end before the version means. Bytes in, words out.

import type { ErrorCode } from '../error-codes.js'
import { printable } from '../printable.js'

const maxVersionBytes = 255
const maxPrefaceBytes = 65_536
const maxPrefaceLines = 50
const nothing = Buffer.alloc(0)

// Servers that greet like this wait for an answer in their own protocol.
const otherProtocol = /^(HTTP\/|220[ -]|\+OK|\* OK)/

/** Why there will be no SSH on this stream. */
export interface Refusal {
  readonly code: ErrorCode
  readonly what: string
}

/** A version line was read. */
export interface VersionFound {
  /** The version line, without its end. */
  readonly version: string
  /** The bytes of the version line and all that came behind it. */
  readonly bytes: Buffer
}

/** Memory is bounded by 64 KiB and one chunk. To be dropped once it has given an answer. */
export class VersionReader {
  readonly #preface: string[] = []
  #prefaceBytes = 0
  /** The line that has no end yet. */
  #partial: Buffer = nothing

  /** Takes the next bytes; `undefined` while more are needed. */
  read(chunk: Buffer): VersionFound | Refusal | undefined {
    let rest = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk])
    for (;;) {
      const end = rest.indexOf('\n') + 1
      const line = end === 0 ? rest : rest.subarray(0, end)
      this.#partial = line
      if (line.toString('latin1', 0, 4) === 'SSH-') {
        if (line.length > maxVersionBytes) return tooLong
        return end === 0 ? undefined : this.#judge(withoutEnd(line), rest)
      }
      const tooMuch = this.#prefaceBytes + line.length > maxPrefaceBytes
      if (tooMuch || line.includes(0)) return this.#notSsh()
      if (end === 0) return undefined
      const text = withoutEnd(line)
      if (this.#preface.length === maxPrefaceLines || otherProtocol.test(text)) return this.#notSsh()
      this.#preface.push(text)
      this.#prefaceBytes += line.length
      rest = rest.subarray(end)
    }
  }

  /** What it means that the stream has ended here, by itself or with `why`, the name of an error. */
  end(why?: string): Refusal {
    const because = why === undefined ? '' : ` (${why})`
    const text = this.#received()
    if (text === '') {
      const dropped = why === undefined || why === 'ECONNRESET' || why === 'EPIPE'
      return dropped
        ? { code: 'SERVER_BUSY', what: `closed the connection before its version line${because}` }
        : { code: 'CONNECTION_LOST', what: `the connection was lost before the version line${because}` }
    }
    if (/exceeded maxstartups/i.test(text)) return { code: 'SERVER_BUSY', what: `is busy: ${text}` }
    if (/not allowed at this time/i.test(text)) {
      return { code: 'SERVER_REFUSED', what: `refused the connection: ${text}` }
    }
    const inVersion = 'SSH-'.startsWith(this.#partial.toString('latin1', 0, 4)) && this.#partial.length > 0
    return inVersion
      ? {
          code: 'CONNECTION_LOST',
          what: `the connection was lost in the middle of the version line${because}`,
        }
      : this.#notSsh()
  }

  #judge(line: string, bytes: Buffer): VersionFound | Refusal {
    this.#partial = nothing
    const [, version] = /^SSH-(\d+\.\d+)-/.exec(line) ?? []
    if (version === '2.0' || version === '1.99') return { version: line, bytes }
    return {
      code: 'NOT_SSH',
      what: `speaks ${version === undefined ? 'no' : `SSH ${version} and not`} SSH 2.0: ${printable(line)}`,
    }
  }

  #notSsh(): Refusal {
    return { code: 'NOT_SSH', what: `what answered is no SSH server: ${this.#received()}` }
  }

  #received(): string {
    return printable([...this.#preface, this.#partial.toString()].join('\n'))
  }
}

const tooLong: Refusal = {
  code: 'PROTOCOL_ERROR',
  what: `the version line is longer than ${maxVersionBytes} bytes`,
}

function withoutEnd(line: Buffer): string {
  return line.toString().replace(/\r?\n$/, '')
}
