// What `check` found, as JSON for programs: version 1 of the format that docs/guide/route-json.md describes.

import { describeError } from './describe-error.js'
import { jsonText } from './json-text.js'
import type { CheckedHop, CheckWarning } from './route-walk.js'

/** A finished walk. */
export interface CheckResult {
  /** As it was given to the command. */
  readonly host: string
  /** All hops of the route; none where the route could not be found. */
  readonly hops: readonly CheckedHop[]
  readonly warnings: readonly CheckWarning[]
  /** Milliseconds for everything, without finding the route. */
  readonly durationMs: number
  /** Why the route does not work; `undefined` when it does. */
  readonly error: unknown
}

/** The text of the JSON, without a final line feed. Times are rounded to microseconds. */
export function checkJson({ host, hops, warnings, durationMs, error }: CheckResult): string {
  const report = {
    version: 1,
    host,
    works: error === undefined,
    durationMs: rounded(durationMs),
    hops: hops.map((hop) => ({
      ...hop,
      durationMs: rounded(hop.durationMs),
      phases: hop.phases.map((phase) => ({ ...phase, durationMs: rounded(phase.durationMs) })),
    })),
    warnings,
    error: error === undefined ? null : describeError(error),
  }
  return jsonText(report)
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
