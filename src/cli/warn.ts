// Warnings that are no events of the library: those of a route, and of the commands themselves.

import { printable } from '../index.js'

/** Writes one line for each to standard error. */
export function warnAll(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`sallyport: warning: ${printable(warning, 1000)}\n`)
}
