// `sallyport route`: the way to a host, for people, for programs, or as a command line of ssh. Connects to no host.

import { explainHops, type Route, resolve, routeDocument, sshCommand } from '../index.js'
import { hasFlag, type Invocation } from './command-line.js'
import { jsonText } from './json-text.js'
import { MisuseError } from './misuse.js'
import { readRequest } from './options.js'
import { paintFor } from './paint.js'
import { reportingErrors } from './reporting-errors.js'
import { warnAll } from './warn.js'

export function route(invocation: Invocation): Promise<number> {
  if (hasFlag(invocation, '--json') && hasFlag(invocation, '--ssh')) {
    throw new MisuseError('--json and --ssh exclude each other', { command: 'route' })
  }
  return reportingErrors(async (signal) => {
    const { destination, options } = readRequest(invocation)
    const found = await resolve(destination, { ...options, signal })
    warnAll(found.warnings)
    print(hasFlag(invocation, '--ssh') ? sshLines(found) : describe(found, invocation))
    return 0
  })
}

function describe(found: Route, invocation: Invocation): readonly string[] {
  if (hasFlag(invocation, '--json')) return [jsonText(routeDocument(found))]
  const paint = paintFor(process.stdout)
  return explainHops(found).flatMap(({ heading, lines }) => [paint('bold', heading), ...lines])
}

function sshLines(found: Route): readonly string[] {
  const { text, remarks } = sshCommand(found)
  warnAll(remarks.map((remark) => `not in the command line: ${remark}`))
  return [text]
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
