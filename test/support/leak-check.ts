// Nothing outlives its test: descriptors, child processes, timers, other active resources, signal listeners.
// Compares what the process has after a test with what it had before, and gives what is closing two seconds.

import { readdirSync, readlinkSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach } from 'vitest'
import { childrenOf, findStateOf, programOf } from './proc.js'
import { describeSocket } from './socket-names.js'
import { type TimerWatch, watchTimers } from './timer-watch.js'

/** What a process has, as the number of each thing. */
export interface Inventory {
  readonly things: ReadonlyMap<string, number>
  readonly timers: TimerWatch
}

/**
 * Checks each test of this file. Call it first in the file: hooks registered before it would be blamed for what
 * theirs leave, and those after it have cleaned up when it looks.
 */
export function leakCheck(): void {
  let before: Inventory
  beforeEach(() => {
    before = takeInventory()
  })
  afterEach(async () => {
    const leaks = await findLeaks(before)
    if (leaks.length > 0)
      throw new Error(`the test left behind:\n${leaks.map((leak) => `  ${leak}`).join('\n')}`)
  })
}

/** What there is now; also begins to watch timers, until {@link findLeaks}. */
export function takeInventory(): Inventory {
  openLazyDescriptors()
  return { things: countThings(), timers: watchTimers() }
}

/** What is there in addition, once it has settled or `settleMs` (default 2000) have passed; empty is good. */
export async function findLeaks(
  before: Inventory,
  options: { readonly settleMs?: number } = {},
): Promise<readonly string[]> {
  const deadline = performance.now() + (options.settleMs ?? 2000)
  for (;;) {
    const leaks = compare(before)
    if (leaks.length === 0 || performance.now() > deadline) {
      before.timers.end()
      return leaks
    }
    await turn()
  }
}

function compare(before: Inventory): readonly string[] {
  const leaks = before.timers.running().map((place) => `a timer that still runs, made ${place}`)
  for (const [thing, count] of countThings()) {
    const more = count - (before.things.get(thing) ?? 0)
    if (more > 0) leaks.push(`${describe(thing)}${more > 1 ? ` (${more} of them)` : ''}`)
  }
  return leaks
}

function countThings(): ReadonlyMap<string, number> {
  const things = [...descriptors(), ...children(), ...resources(), ...listeners()]
  const counts = new Map<string, number>()
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1)
  return counts
}

function descriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`descriptor of ${readlinkSync(`/proc/self/fd/${fd}`)}`]
    } catch {
      return [] // the descriptor of the listing itself
    }
  })
}

function children(): readonly string[] {
  return childrenOf('self').map((pid) => `child process ${pid}`)
}

/** Timers are watched one by one; the rest is counted by kind. */
function resources(): readonly string[] {
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout' && kind !== 'Immediate')
  return kinds.map((kind) => `active resource ${kind}`)
}

function listeners(): readonly string[] {
  return process
    .eventNames()
    .flatMap((name) =>
      process.listeners(name as NodeJS.Signals).map(() => `listener of process on ${String(name)}`),
    )
}

function describe(thing: string): string {
  const inode = thing.match(/socket:\[(\d+)\]/)?.[1]
  if (inode !== undefined) return `${thing}: ${describeSocket(inode)}`
  const pid = thing.match(/^child process (\d+)/)?.[1]
  if (pid === undefined) return thing
  return `${thing}: ${programOf(Number(pid))}${findStateOf(Number(pid)) === 'Z' ? ', a zombie' : ''}`
}

/** Node opens the pipe by which it learns of signals when it first needs it, and never closes it. */
function openLazyDescriptors(): void {
  const nothing = (): void => undefined
  process.on('SIGWINCH', nothing)
  process.off('SIGWINCH', nothing)
}
