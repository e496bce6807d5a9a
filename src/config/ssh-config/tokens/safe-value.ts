// Which values may take the place of a token: no control characters anywhere, nothing that a shell could interpret in a
// shell command, nothing that looks like an option in a list of arguments.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'

/** Where a value goes. */
export type Place = 'text' | 'shell' | 'argument'

const harmless = /^[A-Za-z0-9_.:@%+=,/][A-Za-z0-9_.:@%+=,/-]*$/

/**
 * Throws {@link ConfigError} UNSAFE_VALUE for a value that may not stand where `token` stands. In a shell command each
 * must be harmless as it is, because the text around it may already be quoted.
 */
export function checkValue(value: string, { token, place, origin }: TokenPlace): void {
  const refuse = (what: string, hint?: string) =>
    new ConfigError('UNSAFE_VALUE', `${origin}: ${token} stands for "${printable(value)}", ${what}`, {
      origin,
      phase: 'resolve',
      hint,
    })
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw refuse('which has control characters', 'choose a name without them')
  }
  // Without a ProxyJump its token is empty, which is what a command that has it wants to know.
  const isSafeInShell = (token === '%j' && value === '') || harmless.test(value)
  if (place === 'shell' && !isSafeInShell) {
    throw refuse(
      'which is not safe in a shell command',
      'choose a plain name; a ProxyCommand may also be given as a list of words, which needs no shell',
    )
  }
  if (place === 'argument' && value.startsWith('-')) {
    throw refuse('which a program may take for an option', 'choose a name that does not begin with a dash')
  }
}

interface TokenPlace {
  /** As it was written: `%h`, `${HOME}`. */
  readonly token: string
  readonly place: Place
  readonly origin: string
}
