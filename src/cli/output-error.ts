// An output of a command that was not taken: exit code 255, and a word on what to look at.

export class OutputError extends Error {
  override readonly name = 'OutputError'
  /** What to do about it. */
  readonly hint: string

  constructor(what: string, options: { readonly hint: string; readonly cause: unknown }) {
    const { hint, cause } = options
    super(what, { cause })
    this.hint = hint
  }
}

/** For standard output, whatever was to be printed there. */
export function stdoutError(cause: unknown): OutputError {
  const hint = 'what was printed is not whole; see that there is room where it goes'
  return new OutputError('standard output could not be written', { hint, cause })
}
