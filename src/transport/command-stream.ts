// A running command's stdin and stdout as one stream. It decides when the command counts as ended, and gathers what
// is known by then; what error that makes is its maker's matter.

import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex } from 'node:stream'
import { printableLines } from '../printable.js'
import { ProcessGroup } from '../process-group.js'
import { withoutSecrets } from '../secret-text.js'

type Callback = (error?: Error | null) => void

/** How a command ended; neither status nor signal when it closed its side of the stream and stayed alive. */
export interface CommandEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  /** The last 4 KiB of its standard error, with what looks like a secret hidden and escapes made visible. */
  readonly stderrTail: string
}

const bufferBytes = 65_536
const tailBytes = 4096
// What precedes the tail may be the name that tells of a secret in it.
const keptBytes = 2 * tailBytes
// After an end of file: how long the exit status may take. After an exit: how long what is still readable may take.
const statusGraceMs = 1000
const drainGraceMs = 200

/** Owns the child, which was started with `detached: true` and three pipes. Destroying the stream ends the command. */
export class CommandStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #group: ProcessGroup
  readonly #toError: (end: CommandEnd) => Error
  readonly #stderr = new StderrTail()
  #failure: Error | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(child: ChildProcessWithoutNullStreams, pid: number, toError: (end: CommandEnd) => Error) {
    super({ highWaterMark: bufferBytes })
    this.#child = child
    this.#group = new ProcessGroup(child, pid)
    this.#toError = toError
    this.on('error', () => {})
    this.once('end', () => this.destroy(this.#failure))
    const { stdin, stdout, stderr } = child
    for (const stream of [child, stdout, stderr]) stream.on('error', () => {})
    // A write fails when the command has closed its input: mostly it is about to exit.
    stdin.on('error', () => this.#expectEnd())
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause()
    })
    stdout.once('end', () => this.#expectEnd())
    stderr.on('data', (chunk: Buffer) => this.#stderr.add(chunk))
    child.once('exit', () => this.#expectEnd())
    child.once('close', () => this.#fail())
  }

  ref(): void {
    for (const handle of this.#handles()) handle.ref()
  }

  unref(): void {
    for (const handle of this.#handles()) handle.unref()
  }

  /** Destroys the stream and resolves when nothing of the command is left, which takes 3 s at most. */
  close(): Promise<void> {
    this.destroy()
    return this.#group.end()
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#child.stdin.write(chunk, (error) => {
      // A failed write is not reported by itself: the command's end, which follows, says more.
      if (!error) callback()
    })
  }

  override _final(callback: Callback): void {
    this.#child.stdin.end(() => callback())
  }

  override _destroy(error: Error | null, callback: Callback): void {
    clearTimeout(this.#grace)
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy()
    void this.#group.end()
    callback(error)
  }

  #expectEnd(): void {
    if (this.destroyed) return
    const exited = this.#child.exitCode !== null || this.#child.signalCode !== null
    clearTimeout(this.#grace)
    this.#grace = setTimeout(() => this.#fail(), exited ? drainGraceMs : statusGraceMs)
  }

  #fail(): void {
    if (this.destroyed || this.#failure !== undefined) return
    clearTimeout(this.#grace)
    this.#failure = this.#toError({
      exitCode: this.#child.exitCode,
      signal: this.#child.signalCode,
      stderrTail: this.#stderr.shown(),
    })
    // What the command wrote before it ended is read first.
    if (this.readableLength === 0) this.destroy(this.#failure)
    else this.push(null)
  }

  #handles(): readonly { ref(): unknown; unref(): unknown }[] {
    const { stdin, stdout, stderr } = this.#child
    return [this.#child, stdin, stdout, stderr] as unknown as readonly { ref(): unknown; unref(): unknown }[]
  }
}

/** The end of a command's standard error. */
export class StderrTail {
  #bytes: Buffer = Buffer.alloc(0)

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-keptBytes)]).subarray(-keptBytes)
  }

  /** At most 4 KiB of it, with what looks like a secret hidden and escapes made visible. */
  shown(): string {
    return shownTail(this.#bytes.toString())
  }
}

// Programs repeat their arguments in usage lines, and shells in traces. A line says nothing about the words of the next.
function shownTail(text: string): string {
  const shown = text.split('\n').map(withoutSecrets).join('\n')
  return printableLines(shown.slice(-tailBytes), tailBytes)
}
