// AddKeysToAgent: whether, and for how long, keys go into the agent.

import { Unacceptable } from '../keyword.js'
import { findSeconds } from './time.js'

const choices: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['yes', 'true'],
  ['false', 'false'],
  ['no', 'false'],
  ['ask', 'ask'],
  ['confirm', 'confirm'],
])

/** A word, `confirm` with a time, or a time alone, as seconds. */
export function addKeysToAgent(word: string, time: string | undefined): readonly string[] {
  const choice = choices.get(word.toLowerCase())
  if (choice !== undefined && time === undefined) return [choice]
  const seconds = findSeconds(time ?? word)
  if (seconds === undefined || (time !== undefined && choice !== 'confirm')) {
    throw new Unacceptable('unsupported option')
  }
  // A time of 0 has no end.
  if (seconds === 0) return [choice ?? 'true']
  return choice === undefined ? [String(seconds)] : [choice, String(seconds)]
}
