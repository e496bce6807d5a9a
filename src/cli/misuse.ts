// A command line that cannot be understood: exit code 2, and a word on where help is.

export class MisuseError extends Error {
  override readonly name = 'MisuseError'
  /** What to do about it. */
  readonly hint: string

  constructor(
    what: string,
    options: { readonly command?: string | undefined; readonly hint?: string | undefined } = {},
  ) {
    super(what)
    const { command, hint } = options
    this.hint = hint ?? `see sallyport ${command === undefined ? '' : `${command} `}--help`
  }
}
