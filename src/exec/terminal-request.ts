// The pseudo-terminal that a command can be given (RFC 4254 6.2).

import { checkOption } from '../option-check.js'
import type { PtyRequest } from '../wire/wire.js'

/** `true` for a plain terminal, a `vt100` of 80 columns and 24 rows; an object for one in particular. */
export type PtyOption =
  | boolean
  | {
      /** The value for `TERM`. */
      readonly term?: string | undefined
      readonly columns?: number | undefined
      readonly rows?: number | undefined
    }

/** The request for a terminal; `undefined` when none is wanted. */
export function makePtyRequest(pty: PtyOption | undefined): PtyRequest | undefined {
  checkOption(
    'pty',
    ['undefined', 'boolean', 'object'].includes(typeof pty) && pty !== null,
    'true or an object',
  )
  if (pty === undefined || pty === false) return undefined
  const { term = 'vt100', columns = 80, rows = 24 } = pty === true ? {} : pty
  checkOption('term', typeof term === 'string' && /^[\w.+-]+$/.test(term), 'the name of a terminal')
  checkOption('columns', isSize(columns), 'a whole number from 1 to 65535')
  checkOption('rows', isSize(rows), 'a whole number from 1 to 65535')
  return { term, columns, rows }
}

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535
}
