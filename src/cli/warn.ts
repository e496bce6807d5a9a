// Warnings that are no events of the library: those of a route, and of the commands themselves.

import { printable } from '../index.js'
import { aside } from './live-area.js'

/** Writes one line for each to standard error. */
export function warnAll(warnings: readonly string[]): void {
  const lines = warnings.map((warning) => `sallyport: warning: ${printable(warning, 1000)}\n`)
  if (lines.length > 0) aside(() => process.stderr.write(lines.join('')))
}
