// Once per test run: the directory of the run, and the keys that most rigs will ask for.

import { rm } from 'node:fs/promises'
import { keyPair } from './keys.js'
import { findRunDir, makeRunDir } from './run-dir.js'

let made: string | undefined

/** Vitest calls this once for each project; the first call does the work. */
export async function setup(): Promise<void> {
  if (made !== undefined || findRunDir() !== undefined) return
  made = makeRunDir()
  await Promise.all([keyPair('host-1'), keyPair('host-2'), keyPair('user-1'), keyPair('user-2')])
}

export async function teardown(): Promise<void> {
  if (made === undefined) return
  await rm(made, { recursive: true, force: true })
  made = undefined
}
