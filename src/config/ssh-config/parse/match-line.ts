// The words of a Match line -> its criteria. What the criteria mean for a host is match.ts's. Pure.

import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'
import { asciiLowerCase } from '../../ascii-lower-case.js'
import { splitList } from '../../pattern.js'
import { Unacceptable } from '../keyword.js'
import { findNetworkProblem } from '../match/network.js'
import { expandTokens } from '../tokens/tokens.js'
import type { Criterion, CriterionName } from './parsed-file.js'

/** Whether each criterion takes an argument, and whether that may be empty: then it matches what was not given. */
const criteria: ReadonlyMap<string, 'alone' | 'with argument' | 'argument may be empty'> = new Map(
  Object.entries({
    all: 'alone',
    canonical: 'alone',
    final: 'alone',
    exec: 'with argument',
    localnetwork: 'with argument',
    host: 'with argument',
    originalhost: 'with argument',
    user: 'with argument',
    localuser: 'with argument',
    tagged: 'argument may be empty',
    command: 'argument may be empty',
    version: 'with argument',
    sessiontype: 'with argument',
  } as const satisfies Record<CriterionName, string>),
)

/**
 * Reads the criteria of a Match line, ssh_config(5) Match: `name argument`, `name=argument`, each negated by `!`.
 * Throws {@link Unacceptable}.
 */
export function parseCriteria(words: readonly string[]): readonly Criterion[] {
  const found: Criterion[] = []
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const negated = word.startsWith('!')
    const [attribute, attached] = splitAtEquals(negated ? word.slice(1) : word)
    const name = asciiLowerCase(attribute)
    const takes = criteria.get(name)
    if (takes === undefined) throw new Unacceptable(`unknown Match criterion "${printable(attribute)}"`)
    const isLast = rest.every((left) => left === '')
    if (name === 'all' && (found.length > 1 || !isLast)) {
      throw new Unacceptable('Match all cannot be combined with other criteria')
    }
    if (takes === 'alone' && word.includes('=')) throw new Unacceptable(`Match ${name} takes no argument`)
    const argument = takes === 'alone' ? '' : (attached ?? nextArgument(rest))
    if (argument === undefined || (argument === '' && takes === 'with argument')) {
      throw new Unacceptable(`Match ${name} needs an argument`)
    }
    const problem = findArgumentProblem(name, argument)
    if (problem !== undefined) throw new Unacceptable(problem)
    const isOfHosts = name === 'host' || name === 'originalhost'
    const patterns = splitList(isOfHosts ? asciiLowerCase(argument) : argument)
    found.push({ name: name as CriterionName, negated, argument, patterns })
    if (name === 'all') break
  }
  if (found.length === 0) throw new Unacceptable('Match needs a criterion')
  return found
}

// `host=db`; an equals sign may stand apart as well, `host = db`.
function splitAtEquals(word: string): readonly [string, string | undefined] {
  const at = word.indexOf('=')
  if (at < 0) return [word, undefined]
  const attached = word.slice(at + 1)
  return [word.slice(0, at), attached === '' ? undefined : attached]
}

function nextArgument(rest: string[]): string | undefined {
  const word = rest.shift()
  if (word === '=') return rest.shift()
  return word?.startsWith('=') ? word.slice(1) : word
}

function findArgumentProblem(name: string, argument: string): string | undefined {
  if (name === 'exec') return findTokenProblem(argument)
  const problem = name === 'localnetwork' ? findNetworkProblem(argument) : undefined
  return problem && `Match localnetwork: ${problem}`
}

// ssh expands the tokens of a command that it does not run, too.
function findTokenProblem(command: string): string | undefined {
  try {
    expandTokens(command, { keyword: 'Match exec', values: () => 'x', origin: '' })
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.problems[0]?.message
    throw error
  }
}
