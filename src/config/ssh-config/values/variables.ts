// Names of variables: those of the remote environment (SendEnv, SetEnv), and `${NAME}` and `$NAME` in a value.

import { printable } from '../../../printable.js'
import type { Env } from '../../home-path.js'
import { type Arguments, Unacceptable } from '../keyword.js'

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
export function agentSocket(word: string, env: Env): string {
  expandVariables(word, env)
  if (/^\$(?!\{)/.test(word) && !/^\$[A-Za-z0-9_]+$/.test(word)) {
    throw new Unacceptable(`invalid environment name "${printable(word)}"`)
  }
  return word
}

/** Replaces each `${NAME}`. Throws {@link Unacceptable} as {@link variableValue}. */
export function expandVariables(text: string, env: Env): string {
  return text.replace(/\$\{([^}]*)(\}?)/g, (_, name: string, end: string) =>
    variableValue({ name, isClosed: end === '}' }, env),
  )
}

/** What `${NAME}` stands for. Throws {@link Unacceptable} where the variable is not set, or a brace not closed. */
export function variableValue(
  { name, isClosed }: { readonly name: string; readonly isClosed: boolean },
  env: Env,
): string {
  const shown = printable(name, 60)
  if (!isClosed) throw new Unacceptable(`\${${shown} has no closing brace`)
  if (name === '') throw new Unacceptable('a variable has no name')
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined) throw new Unacceptable(`the environment variable ${shown} is not set`)
  return value
}
