// Whether a Host or Match line applies to a host, by what has been obtained so far (ssh_config(5) Host, Match). Running
// commands is left to whoever passes `run`.

import { asciiLowerCase } from '../../ascii-lower-case.js'
import { matchList } from '../../pattern.js'
import type { Criterion } from '../parse/parsed-file.js'
import { matchesNetwork } from './network.js'

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

function judge({ name, argument, patterns }: Criterion, facts: MatchFacts): boolean {
  switch (name) {
    case 'all':
      return true
    case 'canonical':
    case 'final':
      return facts.isFinal
    case 'host':
      return isListed(asciiLowerCase(facts.host), patterns)
    case 'originalhost':
      return isListed(asciiLowerCase(facts.originalHost), patterns)
    case 'user':
      return isListed(facts.user, patterns)
    case 'localuser':
      return isListed(facts.localUser, patterns)
    case 'tagged':
      return isListed(facts.tag, patterns) || isNeither(facts.tag, argument)
    case 'command':
      return isListed(facts.command, patterns) || isNeither(facts.command, argument)
    case 'version':
      return isListed(facts.version, patterns)
    case 'sessiontype':
      return isListed(facts.sessionType, patterns)
    case 'localnetwork':
      return matchesNetwork(facts.localAddresses(), argument)
    case 'exec':
      return false
  }
}

function isListed(text: string, patterns: readonly string[]): boolean {
  return matchList(text, patterns) === 'yes'
}

function isNeither(text: string, argument: string): boolean {
  return text === '' && argument === ''
}
