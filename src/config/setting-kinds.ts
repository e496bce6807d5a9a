// Kinds that belong to certain settings: names of files, the agent's socket, pinned host keys, methods. What cannot
// work is refused here, before anything is opened; the files themselves are read by those who use them.

import { ConfigError } from '../errors.js'
import { printable } from '../printable.js'
import { flagKind, integerKind, invalid, type Kind, listKind, listOf, textKind } from './kinds.js'
import { Unacceptable } from './ssh-config/keyword.js'
import { permittedOpen } from './ssh-config/values/domain.js'

const none = /^none$/i

/** One file; a leading `~/` stands for the home directory. */
export const fileKind: Kind<string> = {
  check: (value, origin) => checkFile(textKind.check(value, origin), origin),
  parse: (text, origin) => checkFile(plainFile(text, origin), origin),
  fromWords: ([file], origin) => fileKind.check(file, origin),
}

/** Files; `none` alone means no file (ssh_config(5)). In text they are separated by blanks. */
export const fileListKind: Kind<readonly string[]> = {
  check: (value, origin) => {
    const files = listKind(' ').check(value, origin)
    if (files.length === 1 && none.test(files[0] ?? '')) return []
    return Object.freeze(files.map((file) => checkFile(file, origin)))
  },
  parse: (text, origin) => fileListKind.check(listKind(' ').parse?.(plainFile(text, origin), origin), origin),
  // Where several lines have files, `none` on one of them adds nothing.
  fromWords: (words, origin) =>
    fileListKind.check(
      words.filter((word) => !none.test(word)),
      origin,
    ),
}

// This library cannot look up the homes of others.
function checkFile(file: string, origin: string): string {
  if (!/^~[^/]/.test(file)) return file
  throw new ConfigError('INVALID_OPTION', `${origin}: cannot expand "${printable(file)}"`, {
    origin,
    phase: 'resolve',
    hint: 'write the full path in place of ~user',
  })
}

// ssh would take quotes away and expand tokens and variables. Taken as they are, they would name other files.
function plainFile(file: string, origin: string): string {
  if (!/["'\\%$]/.test(file)) return file
  throw invalid(origin, `quotes, backslashes, % and $ are not supported in "${printable(file)}"`)
}

/** A socket; `none`, `SSH_AUTH_SOCK`, `$NAME` and `${NAME}` have their meaning of ssh_config(5) IdentityAgent. */
export const agentSocketKind: Kind<string> = {
  check: (value, origin) => {
    const socket = textKind.check(value, origin)
    if (!socket.startsWith('$')) return checkFile(socket, origin)
    if (/^\$(?:\w+|\{\w+\})$/.test(socket)) return socket
    throw invalid(origin, `"${printable(socket)}" names no variable`)
  },
  parse: (text, origin) =>
    agentSocketKind.check(text.startsWith('$') ? text : plainFile(text, origin), origin),
  fromWords: ([socket], origin) => agentSocketKind.check(socket, origin),
}

/** Fingerprints as `ssh-keygen -l` prints them, brought to the form without the padding that some programs add. */
export const fingerprintsKind: Kind<readonly string[]> = listOf(',', (pin, origin) => {
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(pin)) return pin.replace(/=$/, '')
  throw new ConfigError('INVALID_OPTION', `${origin}: "${printable(pin)}" is no SHA256 fingerprint`, {
    origin,
    phase: 'resolve',
    hint: 'give it as ssh-keygen -l prints it: SHA256: and 43 characters',
  })
})

/** Some of a few words, at least one; words that come again do not count. */
export function wordsKind<const W extends string>(words: readonly W[]): Kind<readonly W[]> {
  const list = listOf(',', (word, origin) => {
    const known = words.find((candidate) => candidate === word)
    if (known !== undefined) return known
    throw invalid(origin, `"${printable(word, 60)}" is none of ${words.join(', ')}`)
  })
  const check = (value: unknown, origin: string): readonly W[] => {
    const given = list.check(value, origin)
    if (given.length === 0) throw invalid(origin, `must name at least one of ${words.join(', ')}`)
    return Object.freeze([...new Set(given)])
  }
  return {
    check,
    parse: (text, origin) => check(list.parse?.(text, origin), origin),
    // ssh passes over what it does not know.
    fromWords: ([text = '']) =>
      Object.freeze(text.split(',').flatMap((word) => words.find((known) => known === word) ?? [])),
  }
}

const permitted = listOf(' ', (word, origin) => {
  if (word === 'any' || word === 'none') return word
  try {
    return permittedOpen(word)
  } catch (error) {
    if (error instanceof Unacceptable) throw invalid(origin, error.message)
    throw error
  }
})

/** Whether the agent is forwarded, or the socket of another one: ssh_config(5) ForwardAgent. */
export const forwardAgentKind: Kind<boolean | string> = {
  check: (value, origin) => (typeof value === 'boolean' ? flagKind : agentSocketKind).check(value, origin),
  parse: (word, origin) =>
    (/^(yes|no|true|false)$/i.test(word) ? flagKind : agentSocketKind).parse?.(word, origin) ?? word,
  // The first word says whether; a socket that another line has says which.
  fromWords: ([first = '', socket = first], origin) => {
    if (/^(no|false)$/i.test(first)) return false
    return /^(yes|true)$/i.test(socket) || agentSocketKind.check(socket, origin)
  },
}

/** Destinations that may be asked for: `host:port`, or `any` or `none` alone (ssh_config(5) PermitRemoteOpen). */
export const permittedKind: Kind<readonly string[]> = {
  ...permitted,
  check: (value, origin) => {
    const list = permitted.check(value, origin)
    if (list.length === 1 || !list.some((word) => word === 'any' || word === 'none')) return list
    throw invalid(origin, 'any and none stand alone')
  },
}

/** Mode bits, as a number; in text octal. */
export const fileModeKind: Kind<number> = {
  check: (value, origin) => integerKind(0, 0o777).check(value, origin),
  parse: (text, origin) => {
    if (/^[0-7]{1,6}$/.test(text)) return fileModeKind.check(Number.parseInt(text, 8), origin)
    throw invalid(origin, `must be octal, and is "${printable(text, 60)}"`)
  },
}

/** Variables with their values: an object, or a list of `NAME=value`; in text the latter, with blanks between. */
export const assignmentsKind: Kind<Readonly<Record<string, string>>> = {
  check: (value, origin) => {
    const pairs = Array.isArray(value)
      ? value.map((entry) => assignment(entry, origin))
      : entriesOf(value, origin)
    // The names are foreign: on an object of its own making none of them has a meaning.
    const variables: Record<string, string> = Object.create(null)
    for (const [name, text] of pairs) {
      if (!/^[^\0=\r\n]+$/.test(name))
        throw invalid(origin, `"${printable(name, 60)}" is no name of a variable`)
      if (typeof text !== 'string' || text.includes('\0')) {
        throw invalid(origin, `the value of ${printable(name, 60)} must be a string without NUL`)
      }
      variables[name] ??= text
    }
    return Object.freeze(variables)
  },
  parse: (text, origin) => assignmentsKind.check(listKind(' ').parse?.(text, origin), origin),
  fromWords: (words, origin) => assignmentsKind.check(words, origin),
}

function assignment(entry: unknown, origin: string): readonly [name: string, value: string] {
  const text = textKind.check(entry, origin)
  const at = text.indexOf('=')
  if (at < 1) throw invalid(origin, `must be NAME=value, and is "${printable(text, 60)}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function entriesOf(value: unknown, origin: string): readonly (readonly [name: string, value: unknown])[] {
  if (typeof value === 'object' && value !== null) return Object.entries(value)
  throw invalid(origin, 'must be an object of names and values, or a list of NAME=value')
}
