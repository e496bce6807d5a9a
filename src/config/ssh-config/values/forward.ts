// LocalForward, RemoteForward, DynamicForward: addresses and sockets on both sides, in the words of ssh -G.

import type { Env } from '../../home-path.js'
import { type Arguments, Unacceptable } from '../keyword.js'
import { findPort } from './number.js'
import { expandVariables } from './variables.js'

interface Field {
  readonly text: string
  readonly isPath: boolean
}

const bad = (): Unacceptable => new Unacceptable('bad forwarding specification')
const longestHost = 1024
const longestPath = 107
/** ssh cuts what it reads to this length, and takes what is left. */
const longestSpecification = 255

/** LocalForward: two words, where to listen and where to connect to. */
export function localForward({ words }: Arguments, env: Env): readonly string[] {
  const [listen, target] = twoWords(words)
  if (target === '') throw new Unacceptable('missing target argument')
  return forward(`${listen}:${target}`, env)
}

/** RemoteForward: as {@link localForward}; without a target the far side gets a SOCKS proxy, written `[socks]:0`. */
export function remoteForward({ words }: Arguments, env: Env): readonly string[] {
  const [listen, target] = twoWords(words)
  if (target !== '') return forward(`${listen}:${target}`, env, 'any port')
  return [listener(fieldsOf(listen, env), 'any port'), '[socks]:0']
}

/** DynamicForward: one word, where to listen. */
export function dynamicForward({ words }: Arguments, env: Env): readonly string[] {
  const [listen] = twoWords(words)
  if (words.length > 1) throw new Unacceptable('extra arguments at the end of the line')
  return [listener(fieldsOf(listen, env), 'a port')]
}

type Ports = 'a port' | 'any port'

function twoWords([listen = '', target = '', ...more]: readonly string[]): readonly [string, string] {
  if (listen === '') throw new Unacceptable('missing argument')
  if (more.length > 0) throw new Unacceptable('extra arguments at the end of the line')
  return [listen, target]
}

function forward(text: string, env: Env, ports: Ports = 'a port'): readonly string[] {
  const fields = fieldsOf(text, env)
  // A path is one field, an address two.
  const isFromPath = fields[0]?.isPath === true && fields.length < 4
  const isToOne = fields.at(-1)?.isPath === true && !(isFromPath && fields.length === 3)
  const split = isToOne ? fields.length - 1 : fields.length - 2
  const target = fields.slice(split)
  const isToPath = target.length === 1
  if (split < 1 || (fields.length === 2 && !isToPath)) throw bad()
  return [listener(fields.slice(0, split), ports), isToPath ? path(target[0]) : address(target, 'a port')]
}

function listener(fields: readonly Field[], ports: Ports): string {
  const [first] = fields
  if (fields.length === 1 && first !== undefined) return first.isPath ? path(first) : port(first, ports)
  return address(fields, ports)
}

function address([host, portField, ...more]: readonly Field[], ports: Ports): string {
  if (host === undefined || more.length > 0 || host.text.length > longestHost) throw bad()
  return `[${host.text}]:${port(portField, ports)}`
}

function port(field: Field | undefined, ports: Ports): string {
  const number = findPort(field?.text ?? '')
  if (number === undefined || (number === 0 && ports === 'a port')) throw bad()
  return String(number)
}

function path(field: Field | undefined): string {
  if (field === undefined || Buffer.byteLength(field.text) > longestPath) throw bad()
  return field.text
}

/** The parts between colons: brackets keep theirs together, a backslash takes the next character as it is. */
function fieldsOf(text: string, env: Env): readonly Field[] {
  const rest = expandVariables(text.slice(0, longestSpecification), env).trimStart()
  const fields: Field[] = []
  for (let at = 0; at < rest.length; ) {
    if (fields.length === 4) throw bad()
    const { field, end } = rest[at] === '[' ? bracketed(rest, at) : plain(rest, at)
    fields.push(field)
    at = end + 1
  }
  return fields
}

function bracketed(text: string, start: number): { readonly field: Field; readonly end: number } {
  const close = text.indexOf(']', start)
  if (close < 0 || (close + 1 < text.length && text[close + 1] !== ':')) throw bad()
  const inside = text.slice(start + 1, close)
  return { field: { text: inside, isPath: inside.includes('/') }, end: close + 1 }
}

function plain(text: string, start: number): { readonly field: Field; readonly end: number } {
  let field = ''
  let at = start
  for (; at < text.length && text[at] !== ':'; at++) {
    if (text[at] === '\\') at++
    if (at >= text.length) throw bad()
    field += text.charAt(at)
  }
  return { field: { text: field, isPath: field.includes('/') }, end: at }
}
