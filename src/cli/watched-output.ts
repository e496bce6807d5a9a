// Whether all that was written to an output has been taken: a full disk, or a reader that went away, is told by the stream
// only, at any time.

/** Watches from its making. */
export class WatchedOutput {
  readonly #stream: NodeJS.WritableStream
  #problem: NodeJS.ErrnoException | undefined
  /** Not asked of the stream: Node's standard output forgets that it was ended. */
  #hasEnded = false

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
    stream.on('error', (error) => {
      this.#problem ??= error
    })
    stream.once('finish', () => {
      this.#hasEnded = true
    })
  }

  /** Resolves when all that has been written is taken, or is lost: then to the first error. */
  async findProblem(): Promise<NodeJS.ErrnoException | undefined> {
    if (this.#hasEnded) return this.#problem
    await new Promise<void>((resolve) => {
      this.#stream.write('', () => resolve())
    })
    return this.#problem
  }
}
