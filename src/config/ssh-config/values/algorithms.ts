// Lists of algorithms: which are acceptable, and what a list with `+`, `-` or `^` before it makes of the defaults.

import { printable } from '../../../printable.js'
import { matchesCommaList, matchesPattern } from '../../pattern.js'
import { Unacceptable } from '../keyword.js'
import { type AlgorithmKind, algorithmNames, gssKexNames } from './algorithm-names.js'
import type { WordReader } from './arity.js'

/** Reads a list of algorithms, which stays as it is: what it makes of the defaults, {@link assembleAlgorithms} says. */
export function algorithms(kind: AlgorithmKind): WordReader {
  return (word) => {
    if (word.startsWith('-')) return word
    const names = withoutOperator(word)
    if (names === '' || !namesToCheck(names).every((name) => isAcceptable(kind, name))) {
      throw new Unacceptable(`bad ${kind} algorithms "${printable(word)}"`)
    }
    if (assembleAlgorithms(kind, word).length === 0) {
      throw new Unacceptable(`"${printable(word)}" leaves no ${kind} algorithm`)
    }
    return word
  }
}

/** A list of key exchanges with Kerberos, which takes no operator. */
export function gssKexAlgorithms(word: string): string {
  if (namesToCheck(word).every((name) => gssKexNames.includes(name))) return word
  throw new Unacceptable(`bad GSSAPI key exchange algorithms "${printable(word)}"`)
}

/**
 * The algorithms that a list in ssh's words stands for: `+list` adds to the defaults, `-list` takes away what matches,
 * `^list` puts its names first, anything else replaces them. Wildcards stand for known names. No name comes twice.
 */
export function assembleAlgorithms(
  kind: AlgorithmKind,
  list: string,
  defaults: readonly string[] = algorithmNames[kind].defaults,
): readonly string[] {
  const names = withoutOperator(list)
  const given = names.split(',').filter((name) => name !== '')
  if (list.startsWith('-')) return defaults.filter((name) => !matchesCommaList(name, names))
  const wanted = list.startsWith('+')
    ? [...defaults, ...given]
    : list.startsWith('^')
      ? [...given, ...defaults]
      : given
  const { known } = algorithmNames[kind]
  return [...new Set(wanted.flatMap((pattern) => known.filter((name) => matchesPattern(name, pattern))))]
}

function withoutOperator(list: string): string {
  return /^[-+^]/.test(list) ? list.slice(1) : list
}

// ssh ends its check at the first empty name.
function namesToCheck(list: string): readonly string[] {
  const names = list.split(',')
  const empty = names.indexOf('')
  return empty < 0 ? names : names.slice(0, empty)
}

const shortKeyNames = ['dsa', 'ecdsa', 'ecdsa-sk', 'ed25519', 'ed25519-sk', 'rsa']

function isAcceptable(kind: AlgorithmKind, name: string): boolean {
  if (kind === 'kex') return algorithmNames.kex.known.includes(name) || gssKexNames.includes(name)
  if (kind !== 'key' && kind !== 'ca-signature') return algorithmNames[kind].known.includes(name)
  // Lists of keys may have wildcards, and ssh takes a negated one, or a short name of a key, for acceptable.
  if (shortKeyNames.includes(name.toLowerCase())) return true
  const pattern = name.startsWith('!') ? name.slice(1) : name
  return algorithmNames[kind].known.some((known) => matchesPattern(known, pattern))
}
