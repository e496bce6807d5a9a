// Answers to programs that ask: what to look for in their output, and what to write then.

/** One question of a program, and the answer to it. */
export interface Responder {
  /** What the program says when it asks; text is taken literally. Looked for in stdout and in stderr. */
  readonly pattern: RegExp | string
  /** Written to the program as it is, so mostly with a line feed at the end. A function is asked anew each time. */
  readonly response: string | ((asked: string) => string | Promise<string>)
  /** What the program says when it does not accept the response; seen after it, the call rejects with RESPONSE_REFUSED. */
  readonly failurePattern?: RegExp | string | undefined
}
