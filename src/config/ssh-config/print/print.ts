// The answer for one host in the format of `ssh -G`: its order, its spelling, its defaults (OpenSSH 9.2), so that the
// two can be compared line by line. Keywords that are newer are printed only where they were set.

import type { SshConfigAnswer } from '../answer.js'
import type { KeywordName } from '../keywords.js'
import { firstValue, specialLines } from './lines.js'
import { printOrder } from './order.js'
import { type PrintContext, viewOf } from './view.js'

/** How an answer is printed. */
export interface PrintOptions extends PrintContext {
  /** Adds a comment to each value that was obtained: where it stands. */
  readonly origins?: boolean
}

/** The lines, each with its end. Throws ConfigError where a value has a token or a variable that cannot be expanded. */
export function printSshConfig(answer: SshConfigAnswer, options: PrintOptions = {}): string {
  const view = viewOf(answer, options)
  const comment = (origin: string | undefined) =>
    options.origins === true && origin !== undefined ? ` # ${origin}` : ''
  const lines = printOrder.flatMap((name) =>
    (specialLines.get(name) ?? firstValue)(view, name).map(
      ({ text, origin }) => `${spelling(name)} ${text}${comment(origin)}\n`,
    ),
  )
  return `host ${answer.host}\n${lines.join('')}`
}

// ssh prints keywords in lower case, with one exception.
function spelling(name: KeywordName): string {
  return name === 'CanonicalizePermittedCNAMEs' ? 'canonicalizePermittedcnames' : name.toLowerCase()
}
