// The grammar of known_hosts (sshd(8) SSH_KNOWN_HOSTS FILE FORMAT): which lines of a file speak about a host, and
// what they say. Pure. A line that cannot be read never hides another one. What follows from them: policy.ts.

import { matchesHostList } from '../config/pattern.js'
import { matchesHashedName } from './hashed-name.js'
import { findHostKeyInText, type HostKey } from './public-key.js'

/** A line of known_hosts that matches a host. */
export interface HostLine {
  /** One-based. */
  readonly line: number
  readonly marker: 'none' | 'cert-authority' | 'revoked'
  /** `undefined` when what follows the names is no key: the line is broken and counts for nothing. */
  readonly key: HostKey | undefined
}

/** The name that known_hosts has for a host and port: lower case, `[host]:port` where the port is not 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** All lines of a known_hosts file that match a lower-cased name, in their order. */
export function findHostLines(content: string, name: string): readonly HostLine[] {
  return content.split('\n').flatMap((text, index) => {
    const found = findHostLine(text, name)
    return found === undefined ? [] : [{ line: index + 1, ...found }]
  })
}

function findHostLine(text: string, name: string): Omit<HostLine, 'line'> | undefined {
  // OpenSSH reads a line up to a NUL, as it does with any string.
  const [line = ''] = text.replace(/\r$/, '').split('\0', 1)
  const [first, afterFirst] = takeWord(line)
  if (first === '' || first.startsWith('#')) return undefined
  if (!first.startsWith('@')) return matchLine('none', { names: first, rest: afterFirst, name })

  const [names, rest] = takeWord(afterFirst)
  if (first === '@revoked') return matchLine('revoked', { names, rest, name })
  if (first === '@cert-authority') return matchLine('cert-authority', { names, rest, name })
  return undefined
}

function matchLine(
  marker: HostLine['marker'],
  { names, rest, name }: { readonly names: string; readonly rest: string; readonly name: string },
): Omit<HostLine, 'line'> | undefined {
  const matches = names.startsWith('|') ? matchesHashedName(name, names) : matchesHostList(name, names)
  return matches ? { marker, key: findHostKeyInText(rest) } : undefined
}

/** The first word, and what follows it from its next word on. */
function takeWord(text: string): readonly [string, string] {
  const start = skipBlanks(text, 0)
  let end = start
  while (end < text.length && !isBlank(text[end])) end += 1
  return [text.slice(start, end), text.slice(skipBlanks(text, end))]
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (isBlank(text[at])) at += 1
  return at
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}
