// Ends a process and all that it started in its group, and never signals a group that may be somebody else's.
//
// A pid is not given out again while its process is not reaped, nor while its group has a member. So a signal is safe
// until the exit is seen, and after that as long as the group was seen alive a moment before: pids are handed out in
// turn, and do not come round within one look.

import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { addLivingGroup, removeLivingGroup, signalGroup } from './living-groups.js'

const steps = [
  { signal: 'SIGHUP', graceMs: 500 },
  { signal: 'SIGTERM', graceMs: 1500 },
  { signal: 'SIGKILL', graceMs: 1000 },
] as const
// What the command left behind has nobody to wait for. A zombie that no init reaps counts as a member, too.
const orphanGraceMs = 200
const lookEveryMs = 10
const staleAfterMs = 1000

/** The group of a child that was started with `detached: true`. When the child exits, what it left behind is ended. */
export class ProcessGroup {
  readonly #child: ChildProcess
  readonly #id: number
  #ending: Promise<void> | undefined

  constructor(child: ChildProcess, pid: number) {
    this.#child = child
    this.#id = pid
    addLivingGroup(pid)
    child.once('exit', () => void this.end())
  }

  /**
   * SIGHUP, SIGTERM after 500 ms, SIGKILL after 2 s; for what the child left behind, each after 200 ms. Resolves when
   * the child is reaped and the group is empty, or when SIGKILL, too, has had its time.
   */
  end(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    for (const { signal, graceMs } of steps) {
      signalGroup(this.#id, signal)
      if (await this.#isGoneWithin(graceMs)) break
    }
    removeLivingGroup(this.#id)
  }

  async #isGoneWithin(graceMs: number): Promise<boolean> {
    const begun = performance.now()
    for (;;) {
      const reaped = this.#isReaped()
      if (reaped && !signalGroup(this.#id, 0)) return true
      const now = performance.now()
      if (now - begun >= (reaped ? orphanGraceMs : graceMs)) return false
      await delay(lookEveryMs)
      // The event loop was held up: whoever has the number now may be somebody else.
      if (reaped && performance.now() - now > staleAfterMs) return true
    }
  }

  #isReaped(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
