// Whether a Host or Match line applies to a host, by what has been obtained so far (ssh_config(5) Host, Match). Running
// commands is left to whoever passes `run`.

import { matchesNetwork } from './network.js'
import type { Criterion } from './parsed-file.js'
import { matchesCommaList, matchesHostList } from './pattern.js'

/** What the criteria of Match lines see. */
export interface MatchFacts {
  /** With HostName and canonicalisation taken into account. */
  readonly host: string
  /** As the user named it. */
  readonly originalHost: string
  readonly user: string
  readonly localUser: string
  readonly tag: string
  readonly command: string
  readonly sessionType: string
  readonly version: string
  /** Whether this is the pass after canonicalisation, or the last one that was asked for. */
  readonly isFinal: boolean
  readonly localAddresses: () => readonly string[]
}

/** Whether a command succeeds; undefined when it was not run. */
export type RunCommand = (command: string) => Promise<boolean | undefined>

/**
 * Whether all criteria hold. A command runs only if those before it hold; where `run` has no answer, the criterion does
 * not hold, negated or not.
 */
export async function matchesRunning(
  criteria: readonly Criterion[],
  { facts, run }: { readonly facts: MatchFacts; readonly run: RunCommand },
): Promise<boolean> {
  for (const criterion of criteria) {
    const holds = criterion.name === 'exec' ? await run(criterion.argument) : judge(criterion, facts)
    if (holds === undefined || holds === criterion.negated) return false
  }
  return true
}

/** As {@link matchesRunning}, for criteria without a command. */
export function matches(criteria: readonly Criterion[], facts: MatchFacts): boolean {
  return criteria.every((criterion) => judge(criterion, facts) !== criterion.negated)
}

function judge({ name, argument }: Criterion, facts: MatchFacts): boolean {
  switch (name) {
    case 'all':
      return true
    case 'canonical':
    case 'final':
      return facts.isFinal
    case 'host':
      return matchesHostList(facts.host, argument)
    case 'originalhost':
      return matchesHostList(facts.originalHost, argument)
    case 'user':
      return matchesCommaList(facts.user, argument)
    case 'localuser':
      return matchesCommaList(facts.localUser, argument)
    case 'tagged':
      return matchesOrBothEmpty(facts.tag, argument)
    case 'command':
      return matchesOrBothEmpty(facts.command, argument)
    case 'version':
      return matchesCommaList(facts.version, argument)
    case 'sessiontype':
      return matchesCommaList(facts.sessionType, argument)
    case 'localnetwork':
      return matchesNetwork(facts.localAddresses(), argument)
    case 'exec':
      return false
  }
}

function matchesOrBothEmpty(text: string, list: string): boolean {
  return list === '' ? text === '' : matchesCommaList(text, list)
}
