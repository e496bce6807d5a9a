// Names of variables: those of the remote environment (SendEnv, SetEnv), and `${NAME}` and `$NAME` in a value.

import { printable } from '../../../printable.js'
import { type Arguments, type Environment, Unacceptable } from '../keyword.js'

/** OpenSSH has no limit. */
const mostNames = 1000

/** SendEnv: names, with wildcards; `-NAME` takes away. */
export function sendEnv({ words }: Arguments): readonly string[] {
  if (words.length > mostNames) throw new Unacceptable(`more than ${mostNames} names`)
  const bad = words.find((word) => word === '' || word.includes('='))
  if (bad !== undefined) throw new Unacceptable(`invalid environment name "${printable(bad)}"`)
  return words
}

/** SetEnv: `NAME=value`; of several with one name the first counts. */
export function setEnv({ words }: Arguments): readonly string[] {
  const byName = new Map<string, string>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 0) throw new Unacceptable('SetEnv needs NAME=value')
    const name = word.slice(0, equals)
    if (!byName.has(name)) byName.set(name, word)
  }
  return [...byName.values()]
}

/** A socket of an agent. It stays as it is, but the variables that it names must be there. */
export function agentSocket(word: string, env: Environment): string {
  expandVariables(word, env)
  if (/^\$(?!\{)/.test(word) && !/^\$[A-Za-z0-9_]+$/.test(word)) {
    throw new Unacceptable(`invalid environment name "${printable(word)}"`)
  }
  return word
}

/** Replaces each `${NAME}`. Throws {@link Unacceptable} where a variable is not set, or a brace not closed. */
export function expandVariables(text: string, env: Environment): string {
  let expanded = ''
  let at = 0
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', at)) {
    const end = text.indexOf('}', start)
    const name = text.slice(start + 2, end)
    if (end < 0 || name === '') throw new Unacceptable(`invalid variable in "${printable(text)}"`)
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value === undefined) throw new Unacceptable(`environment variable ${printable(name)} is not set`)
    expanded += text.slice(at, start) + value
    at = end + 1
  }
  return expanded + text.slice(at)
}
