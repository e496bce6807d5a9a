// `sallyport check`: walks the route to a host for real, hop by hop, and shows what each phase found and how long it
// took. Runs nothing on the host.

import { explainRoute } from '../index.js'
import { checkJson } from './check-json.js'
import { hopLines } from './check-text.js'
import { hasFlag, type Invocation } from './command-line.js'
import { verbosityOf } from './options.js'
import { paintFor } from './paint.js'
import { exitCodeOf, reportError } from './report-error.js'
import { type CheckedHop, RouteWalk } from './route-walk.js'
import { warnAll } from './warn.js'
import { withConnection } from './with-connection.js'

export function check(invocation: Invocation): Promise<number> {
  const asJson = hasFlag(invocation, '--json')
  const { host } = invocation
  return withConnection(invocation, async (connection, { interruption, told }) => {
    const { signal } = interruption
    // No document tells of an interruption: it would say that the route does not work.
    const isInterrupted = (): boolean => interruption.exitCode !== undefined
    const route = await connection.resolve({ signal }).catch((error: unknown) => {
      if (asJson && !isInterrupted()) print(checkJson({ host, hops: [], warnings: [], durationMs: 0, error }))
      throw error
    })

    warnAll(route.warnings)
    for (const warning of route.warnings) told.add(warning)
    const headings = explainRoute(route).split('\n')
    const paint = paintFor(process.stdout)
    const show = (hop: CheckedHop, index: number): void =>
      print(hopLines(hop, { heading: headings[index] ?? '', paint }).join('\n'))
    using walk = new RouteWalk(route, asJson ? () => {} : show)

    const startedAt = performance.now()
    const error: unknown = await connection.open({ signal }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const durationMs = performance.now() - startedAt
    if (error !== undefined && isInterrupted()) return exitCodeOf(error)
    if (asJson) print(checkJson({ host, hops: walk.hops, warnings: walk.warnings, durationMs, error }))
    else for (const [index, hop] of walk.hops.entries()) if (hop.state === 'not reached') show(hop, index)

    if (error === undefined) {
      if (!asJson) print(summary(walk.hops))
      return 0
    }
    reportError(error, { verbosity: verbosityOf(invocation), tried: 'shown already' })
    return exitCodeOf(error)
  })
}

function summary(hops: readonly CheckedHop[]): string {
  const what = hops.length === 1 ? 'the host can be reached' : `all ${hops.length} hops work`
  const totalMs = hops.reduce((sum, { durationMs }) => sum + durationMs, 0)
  return `${what}, ${totalMs.toFixed(0)} ms`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
