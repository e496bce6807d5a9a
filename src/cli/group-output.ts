// Where the output of the members of a group goes: as lines that name their host, into documents, or into files. The
// commands write at the pace of the slowest reader, so that no output without end fills the memory.

import type { WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Member } from '../index.js'
import { openHostFile } from './group-files.js'
import type { CapturedText, MemberRecord } from './group-json.js'
import { LineCutter } from './group-lines.js'
import { aside } from './live-area.js'
import { padToWidth } from './text-width.js'

export type StreamName = 'stdout' | 'stderr'

/** Takes the output of one member. */
export interface MemberOutput {
  /** Resolves when more may come. Rejects when the output cannot be taken. */
  readonly write: (stream: StreamName, chunk: Uint8Array) => Promise<void>
  /** Once, when there is no more, on every path. */
  readonly end: () => Promise<void>
  /** What is told of it in the document. */
  readonly record: () => MemberRecord
}

/** Opens the output of a member when its turn has come. */
export type OpenOutput = (member: Member) => Promise<MemberOutput>

/** An output of this process that many write to. */
export class SharedOutput {
  readonly #stream: NodeJS.WriteStream
  #drained: Promise<void> | undefined

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  /** Whole lines, above what is live on the terminal. Resolves when there is room for more, or never will be. */
  async write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    let isFull = false
    aside(() => {
      isFull = !this.#stream.write(lines.map((line) => `${line}\n`).join(''))
    })
    if (!isFull || this.#stream.destroyed || this.#stream.errored !== null) return
    this.#drained ??= new Promise<void>((resolve) => {
      const settle = (): void => {
        this.#drained = undefined
        for (const event of ['drain', 'error', 'close']) this.#stream.off(event, settle)
        resolve()
      }
      for (const event of ['drain', 'error', 'close']) this.#stream.on(event, settle)
    })
    await this.#drained
  }
}

const mostCells = 40

/** Each line with the host before it: those of stdout on `stdout`, those of stderr on `stderr`. */
export function prefixedOutput(
  labels: ReadonlyMap<string, string>,
  outputs: Readonly<Record<StreamName, SharedOutput>>,
): OpenOutput {
  const widths = [...labels.values()].map((label) => label.length).filter((width) => width <= mostCells)
  const width = Math.max(0, ...widths)
  return async ({ id }) => {
    const prefix = `${padToWidth(labels.get(id) ?? id, width)} | `
    const cutters = { stdout: new LineCutter(), stderr: new LineCutter() }
    const write = (stream: StreamName, lines: readonly string[]): Promise<void> =>
      outputs[stream].write(lines.map((line) => `${prefix}${line}`))
    return {
      write: (stream, chunk) => write(stream, cutters[stream].add(chunk)),
      end: async () => {
        await write('stdout', cutters.stdout.end())
        await write('stderr', cutters.stderr.end())
      },
      record: () => noRecord,
    }
  }
}

const nothing: CapturedText = { text: '', isTruncated: false }
const noRecord: MemberRecord = { stdout: nothing, stderr: nothing, files: undefined }

const mostCapturedBytes = 256 * 1024

/** The first 256 KiB of each stream, for a document; the rest is read and dropped. */
export const capturedOutput: OpenOutput = async () => {
  const kept = { stdout: new Head(), stderr: new Head() }
  return {
    write: async (stream, chunk) => kept[stream].add(chunk),
    end: async () => {},
    record: () => ({ stdout: kept.stdout.text, stderr: kept.stderr.text, files: undefined }),
  }
}

class Head {
  readonly #chunks: Uint8Array[] = []
  #size = 0
  #isTruncated = false

  add(chunk: Uint8Array): void {
    const kept = chunk.subarray(0, mostCapturedBytes - this.#size)
    if (kept.length < chunk.length) this.#isTruncated = true
    if (kept.length === 0) return
    this.#chunks.push(Uint8Array.from(kept))
    this.#size += kept.length
  }

  get text(): CapturedText {
    return { text: Buffer.concat(this.#chunks).toString('utf8'), isTruncated: this.#isTruncated }
  }
}

/** The bytes as they are, in two files for each member, which `names` has by the member's id. */
export function filedOutput(directory: string, names: ReadonlyMap<string, string>): OpenOutput {
  return async ({ id }) => {
    const name = names.get(id) ?? id
    const stdout = await openHostFile(directory, `${name}.stdout`)
    const stderr = await openHostFile(directory, `${name}.stderr`).catch((error: unknown) => {
      stdout.stream.destroy()
      throw error
    })
    const files = { stdout, stderr }
    return {
      write: (stream, chunk) => writeTo(files[stream].stream, chunk, files[stream].failed),
      end: async () => {
        await Promise.all([stdout, stderr].map(({ stream, failed }) => endFile(stream, failed)))
      },
      record: () => ({ ...noRecord, files: { stdout: stdout.path, stderr: stderr.path } }),
    }
  }
}

function writeTo(file: WriteStream, chunk: Uint8Array, failed: (cause: unknown) => Error): Promise<void> {
  return new Promise((resolve, reject) => {
    file.write(chunk, (error) => (error ? reject(failed(error)) : resolve()))
  })
}

async function endFile(file: WriteStream, failed: (cause: unknown) => Error): Promise<void> {
  file.end()
  await finished(file).catch((error: unknown) => {
    throw failed(error)
  })
}
