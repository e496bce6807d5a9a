// Whole numbers and ports, as ssh reads them.

import { printable } from '../../../printable.js'
import { Unacceptable } from '../keyword.js'

/** The largest number that most of ssh's settings hold. */
export const largestInteger = 2 ** 31 - 1

/** A whole number from 0 to `max` that may have blanks and a sign before it; else undefined. */
export function findNumber(word: string, max: number): number | undefined {
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(word) ?? []
  if (digits === undefined) return undefined
  const value = Number(digits)
  return value > max || (sign === '-' && value !== 0) ? undefined : value
}

/** A whole number that is not negative. */
export function integer(word: string): string {
  const value = findNumber(word, largestInteger)
  if (value === undefined)
    throw new Unacceptable(`"${printable(word)}" is no whole number from 0 to ${largestInteger}`)
  return String(value)
}

// Names from the registry of IANA for what is likely to be named here. ssh asks the machine's own list of services.
const services: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['pop3', 110],
  ['imap2', 143],
  ['ldap', 389],
  ['https', 443],
  ['ldaps', 636],
  ['imaps', 993],
  ['pop3s', 995],
  ['socks', 1080],
  ['mysql', 3306],
  ['postgresql', 5432],
])

/** The number of a port, 0 included, given as a number or as the name of a service; else undefined. */
export function findPort(word: string): number | undefined {
  return findNumber(word, 65_535) ?? services.get(word)
}

/** A port from 1 to 65535. */
export function port(word: string): string {
  const value = findPort(word) ?? 0
  if (value === 0) throw new Unacceptable(`bad port "${printable(word)}"`)
  return String(value)
}

/** Permissions in octal; what follows the digits does not count. */
export function octalMask(word: string): string {
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)([0-7]+)/.exec(word) ?? []
  const value = Number.parseInt(digits ?? '', 8)
  if (!(value <= 0o777) || (sign === '-' && value !== 0))
    throw new Unacceptable(`bad mask "${printable(word)}"`)
  return `0${value.toString(8)}`
}
