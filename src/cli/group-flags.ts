// The flags that go with -H: how the work is spread, how long it may take, and where its output goes.

import type { Pace } from '../index.js'
import { type Flag, hasFlag, type Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'

export interface GroupFlags {
  readonly pace: Pace
  /** For each host, from its turn to the end of its command. */
  readonly timeoutMs: number | undefined
  readonly outputDirectory: string | undefined
  readonly output: 'lines' | 'json'
}

/** What is for one host only, since each would take something of this machine that there is one of. */
const forOne: Readonly<Record<string, string>> = {
  '-L': 'forwards are for one host',
  '-R': 'forwards are for one host',
  '-D': 'forwards are for one host',
  '-g': 'forwards are for one host',
  '-t': 'a terminal is for one host',
}

const longestSeconds = 2_147_483

/** Of a flag that was given several times the first counts. Throws {@link MisuseError}. */
export function readGroupFlags(invocation: Invocation): GroupFlags {
  const { command, flags } = invocation
  for (const { letter } of flags) {
    const why = forOne[letter]
    if (why !== undefined) throw new MisuseError(`${letter} does not go with -H: ${why}`, { command })
  }
  const find = (letter: string): Flag | undefined => flags.find((flag) => flag.letter === letter)
  const count = (letter: string): number | undefined => {
    const flag = find(letter)
    if (flag === undefined) return undefined
    if (/^[1-9]\d{0,8}$/.test(flag.value)) return Number(flag.value)
    throw bad(command, flag, 'a whole number, 1 or more')
  }
  const timeout = find('--timeout')
  return {
    pace: {
      parallel: count('--parallel'),
      stopAfterFailures: count('--stop-after-failures'),
      waves: wavesOf(command, find('--waves')),
    },
    timeoutMs: timeout === undefined ? undefined : secondsOf(command, timeout) * 1000,
    outputDirectory: find('--output-dir')?.value,
    output: hasFlag(invocation, '--json') ? 'json' : 'lines',
  }
}

function secondsOf(command: string, flag: Flag): number {
  const seconds = /^\d{1,7}(?:\.\d{1,3})?$/.test(flag.value) ? Number(flag.value) : 0
  if (seconds > 0 && seconds <= longestSeconds) return seconds
  throw bad(command, flag, `seconds, more than 0 and at most ${longestSeconds}`)
}

function wavesOf(command: string, flag: Flag | undefined): Pace['waves'] {
  if (flag === undefined) return undefined
  const sizes = flag.value.split(',')
  const [first, then] = sizes.map(sizeOf)
  if (first === undefined || then === undefined || sizes.length > 2) {
    throw bad(command, flag, 'how many are first, and then in each wave, as in 1,10%')
  }
  return { first, then }
}

/** A number of members, or a share of all. */
function sizeOf(text: string): number | `${number}%` | undefined {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  const [, share] = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text) ?? []
  const percent = Number(share ?? 0)
  return percent > 0 && percent <= 100 ? `${percent}%` : undefined
}

function bad(command: string, { letter, value }: Flag, what: string): MisuseError {
  return new MisuseError(`${letter} takes ${what}, and was given ${JSON.stringify(value)}`, { command })
}
