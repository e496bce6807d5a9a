// What /proc knows of processes: children, descendants, names. For rigs and for the leak check.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** The pids of the direct children, zombies too; none when the process is gone. */
export function childrenOf(pid: number | 'self'): readonly number[] {
  return listOf(`/proc/${pid}/task`).flatMap((task) =>
    textOf(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  )
}

/** The pids of all descendants, parents before children. */
export function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

/** The program's name as the kernel has it, at most 15 characters; empty when the process is gone. */
export function programOf(pid: number): string {
  return textOf(`/proc/${pid}/comm`).trim()
}

/** The kernel's state letter, `Z` for a zombie; `undefined` when the process is gone. */
export function findStateOf(pid: number): string | undefined {
  return textOf(`/proc/${pid}/stat`).match(/\) (\w)/)?.[1]
}

/** Kills at once whichever of the processes are still there. */
export function killAll(pids: readonly number[]): void {
  signalAll(pids, 'SIGKILL')
}

/** Signals whichever of the processes are still there. */
export function signalAll(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // already gone
    }
  }
}

/** Resolves when none of the processes is there any more; a killed one may take a moment. Nobody tells of strangers. */
export async function allGone(pids: readonly number[]): Promise<void> {
  const isThere = (pid: number): boolean => !['Z', 'X', undefined].includes(findStateOf(pid))
  while (pids.some(isThere)) await delay(2)
}

/** The file's text; empty when it is gone. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function listOf(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
