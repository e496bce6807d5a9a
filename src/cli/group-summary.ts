// What became of a group, as lines for people: how many, why those that failed did, and behind which gateways they are.

import { ConfigError, type Failed, type Outcome, printable, type Skipped } from '../index.js'
import { blamedGateways } from './group-blame.js'
import { type Cause, causesOf } from './group-causes.js'
import { hostOf } from './group-labels.js'
import type { Paint } from './paint.js'

/** A group whose work has ended. */
export interface EndedGroup {
  readonly outcomes: readonly Outcome<unknown>[]
  /** The name of each member by its id, and of each gateway. */
  readonly labels: ReadonlyMap<string, string>
  readonly gatewayLabels: ReadonlyMap<string, string>
  readonly durationMs: number
}

const mostNames = 20
const mostGateways = 20
const mostCauses = 3
const hintLine = '    hint: '
const longest = 1000

/** The lines. Foreign text in them is made safe to show. */
export function summaryLines(ended: EndedGroup, paint: Paint): readonly string[] {
  const { outcomes, durationMs, labels } = ended
  const failed = outcomes.filter((outcome) => outcome.status === 'failed')
  const skipped = outcomes.filter((outcome) => outcome.status === 'skipped')
  const counts = [
    `${outcomes.length - failed.length - skipped.length} succeeded`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ].join(', ')
  const head = `${numberOf(outcomes.length, 'host')}: ${counts} in ${(durationMs / 1000).toFixed(1)} s`
  const colour = failed.length > 0 ? 'red' : skipped.length > 0 ? 'yellow' : 'green'
  return [
    `sallyport: ${paint(colour, head)}`,
    ...onceEach(causesOf(failed).flatMap((cause) => causeLines(cause, labels))),
    ...skippedLines(skipped, labels),
    ...gatewayLines(ended, failed),
  ]
}

/** Whether nothing could be begun anywhere, because of what is configured. */
export function allAreMisconfigured(outcomes: readonly Outcome<unknown>[]): boolean {
  return outcomes.every((outcome) => outcome.status === 'failed' && outcome.error instanceof ConfigError)
}

function causeLines(cause: Cause, labels: EndedGroup['labels']): readonly string[] {
  const { name, message, causes, hint, failures } = cause
  const isExit = hint === undefined && name !== ''
  const of = name === '' ? 'an error' : printable(name, 100)
  return [
    `  ${of}: ${namesOf(failures, labels)}`,
    ...(isExit ? [] : [`    ${failures.length > 1 ? 'as in ' : ''}${printable(message, longest)}`]),
    ...causes.slice(0, mostCauses).map((text) => `    cause: ${printable(text, longest)}`),
    ...(hint === undefined ? [] : [`${hintLine}${printable(hint, longest)}`]),
  ]
}

/** Of the hints that say the same, the first. */
function onceEach(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => !line.startsWith(hintLine) || lines.indexOf(line) === index)
}

const reasons: Readonly<Record<Skipped['reason'], string>> = {
  stopped: 'skipped, since it was interrupted',
  'too many failures': 'skipped after too many failures',
}

function skippedLines(skipped: readonly Skipped[], labels: EndedGroup['labels']): readonly string[] {
  return (['stopped', 'too many failures'] as const).flatMap((reason) => {
    const of = skipped.filter((outcome) => outcome.reason === reason)
    return of.length === 0 ? [] : [`  ${reasons[reason]}: ${namesOf(of, labels)}`]
  })
}

/** Says nothing where no gateway tells the failures apart. */
function gatewayLines({ outcomes, gatewayLabels }: EndedGroup, failed: readonly Failed[]): readonly string[] {
  const where = (gateway: string | undefined): string =>
    gateway === undefined ? 'reached directly' : `behind ${gatewayLabels.get(gateway) ?? hostOf(gateway)}`
  const [only, ...others] = blamedGateways(outcomes, failed)
  if (only === undefined || new Set(outcomes.map(({ member }) => member.gateway)).size < 2) return []
  if (others.length === 0) {
    if (failed.length === 1) return []
    const none = only.failed === only.members ? ', and none there succeeded' : ''
    return [`  all ${failed.length} failures are ${where(only.gateway)}${none}`]
  }
  const sorted = [only, ...others].sort((a, b) => b.failed - a.failed)
  const lines = sorted
    .slice(0, mostGateways)
    .map((counts) => `  ${where(counts.gateway)}: ${counts.failed} of ${counts.members} failed`)
  const more = sorted.length - mostGateways
  return more > 0 ? [...lines, `  and behind ${numberOf(more, 'more gateway')}`] : lines
}

function namesOf(outcomes: readonly Outcome<unknown>[], labels: EndedGroup['labels']): string {
  const names = outcomes
    .slice(0, mostNames)
    .map(({ member }) => labels.get(member.id) ?? printable(member.id))
  const more = outcomes.length - names.length
  const all = more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`
  return `${numberOf(outcomes.length, 'host')}: ${all}`
}

function numberOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
