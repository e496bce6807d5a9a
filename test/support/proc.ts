// What /proc knows of processes: children, descendants, names. For rigs and for the leak check.

import { readdirSync, readFileSync } from 'node:fs'

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
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // already gone
    }
  }
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
