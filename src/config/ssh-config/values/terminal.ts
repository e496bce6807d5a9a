// EscapeChar and TunnelDevice.

import { Unacceptable } from '../keyword.js'
import { findNumber } from './number.js'

/** EscapeChar: `none`, or a character as ssh -G prints it: a control character as `\^A`, a blank in octal. */
export function escapeChar(word: string): string {
  if (word === 'none') return word
  const code = word.length === 1 ? word.charCodeAt(0) : controlCode(word)
  if (code === undefined || code > 127) throw new Unacceptable('bad escape character')
  const char = String.fromCharCode(code)
  if (char === '\\') return '\\\\'
  if (char === ' ' || char === '\t' || char === '\n') return `\\${code.toString(8).padStart(3, '0')}`
  if (code < 32) return `\\^${String.fromCharCode(code + 64)}`
  return code === 127 ? '\\^?' : char
}

/** `^A`: the control character of a character from `@` on. */
function controlCode(word: string): number | undefined {
  const code = word.charCodeAt(1)
  return /^\^[\x40-\x7f]$/.test(word) ? code & 31 : undefined
}

const mostTunnels = 0x7fffffff - 2

/** TunnelDevice: the local device and the remote one, by number or `any`. */
export function tunnelDevice(word: string): string {
  const colon = word.indexOf(':')
  const local = colon < 0 ? word : word.slice(0, colon)
  const remote = colon < 0 ? 'any' : word.slice(colon + 1)
  return `${device(local)}:${device(remote)}`
}

function device(word: string): string {
  if (word.toLowerCase() === 'any') return 'any'
  const number = findNumber(word, mostTunnels)
  if (number === undefined) throw new Unacceptable('bad tunnel device')
  return String(number)
}
