// ForwardAgent: whether, or which socket.

import type { Env } from '../../home-path.js'
import type { Obtained } from '../obtained.js'
import { agentSocket } from './variables.js'

const flags: ReadonlyMap<string, string> = new Map([
  ['yes', 'yes'],
  ['true', 'yes'],
  ['no', 'no'],
  ['false', 'no'],
])

/** `yes`, `no`, or a socket. */
export function forwardAgent(word: string, env: Env): string {
  return flags.get(word.toLowerCase()) ?? agentSocket(word, env)
}

/**
 * The first value decides whether, and the first socket of all decides which: after `yes`, a socket of a later line is
 * used, and stands second.
 */
export function joinForwardAgent(obtained: readonly Obtained[], next: Obtained): readonly Obtained[] {
  if (obtained.length === 0) return [next]
  const isWithSocket = obtained.some(isSocket)
  return isWithSocket || !isSocket(next) ? obtained : [...obtained, next]
}

function isSocket({ words: [word] }: Obtained): boolean {
  return word !== 'yes' && word !== 'no'
}
