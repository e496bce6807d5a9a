// A forward in ssh's own words, as -L, -R and -D take them: `8080:db:5432`, `/run/app.sock:/run/db.sock`, `1080`. Reads
// where it listens and where it leads; what is done about that is for those who forward.

import type { Address, ListenAddress } from '../dialer.js'
import { printable } from '../printable.js'
import { invalid, type Kind, listOf } from './kinds.js'
import { Unacceptable } from './ssh-config/keyword.js'
import { dynamicForward, localForward, remoteForward } from './ssh-config/values/forward.js'

/** `local`: as -L; `remote`: as -R; `dynamic`: as -D. */
export type ForwardKind = 'local' | 'remote' | 'dynamic'

/** A forward as ssh reads it. */
export interface ForwardSpec {
  /** Without a host where the words name none; with an empty one, or `*`, for all addresses. */
  readonly listen: ListenAddress
  /** `undefined` for a proxy, which asks each connection where it leads. */
  readonly to: Address | undefined
}

/** Reads the words of one forward (ssh(1) -L, -R, -D). Throws ConfigError INVALID_OPTION. */
export function parseForward(text: string, kind: ForwardKind, origin: string): ForwardSpec {
  try {
    const [listen = '', to] = readers[kind](text)
    return {
      listen: listenAddress(listen),
      to: to === undefined || to === '[socks]:0' ? undefined : targetAddress(to),
    }
  } catch (error) {
    if (error instanceof Unacceptable) throw invalid(origin, `${error.message}: "${printable(text, 120)}"`)
    throw error
  }
}

/** A list of forwards in these words; in text with blanks between them. */
export function forwardsKind(kind: ForwardKind): Kind<readonly string[]> {
  const list = listOf(' ', (text, origin) => {
    parseForward(text, kind, origin)
    return text
  })
  if (kind === 'dynamic') return list
  return { ...list, fromWords: (words, origin) => list.check(joinedPairs(words), origin) }
}

const readers: Readonly<Record<ForwardKind, (text: string) => readonly string[]>> = {
  local: (text) => localForward(asOne(text), {}),
  remote: (text) => {
    try {
      return remoteForward(asOne(text), {})
    } catch (error) {
      // As ssh does: what is no forward may be where a proxy listens.
      if (!(error instanceof Unacceptable)) throw error
      return remoteForward({ words: [text], rest: text }, {})
    }
  },
  dynamic: (text) => dynamicForward({ words: [text], rest: text }, {}),
}

/** The one word of a command line as the two of a file, which ssh puts together again. */
function asOne(text: string): { readonly words: readonly string[]; readonly rest: string } {
  const end = endOfFirst(text)
  return { words: [text.slice(0, end), text.slice(end + 1)], rest: text }
}

/** Where the first field ends: at a colon that is neither in brackets nor behind a backslash. */
function endOfFirst(text: string): number {
  let inBrackets = text.startsWith('[')
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ']') inBrackets = false
    // An empty first field is a part of the first word.
    else if (text[at] === ':' && !inBrackets && at > 0) return at
  }
  return text.length
}

/** From the words of files, where each forward is two, to those of a command line. */
function joinedPairs(words: readonly string[]): readonly string[] {
  const pairs: string[] = []
  for (let at = 0; at < words.length; at += 2) {
    const [listen = '', to = ''] = words.slice(at, at + 2).map(asField)
    pairs.push(to === '[socks]:0' ? listen : `${listen}:${to}`)
  }
  return pairs
}

/** A path with colons or backslashes in it stays one field. */
function asField(word: string): string {
  return word.includes('/') && !word.startsWith('[') ? word.replace(/[\\:]/g, '\\$&') : word
}

function listenAddress(word: string): ListenAddress {
  if (/^\d+$/.test(word)) return { port: Number(word) }
  return targetAddress(word)
}

function targetAddress(word: string): Address {
  const [, host = '', port] = /^\[(.*)\]:(\d+)$/.exec(word) ?? []
  return port === undefined ? { path: word } : { host, port: Number(port) }
}
