// Where the rigs keep keys, sockets and configurations. One directory for a whole test run, made and removed by
// global-setup.ts; a program outside Vitest (a benchmark) gets one of its own, removed when it exits.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const variable = 'TEST_RUN_DIR'

/** The directory of this run, if one was made already. */
export function findRunDir(): string | undefined {
  return process.env[variable]
}

/** The directory of this run. */
export function runDir(): string {
  const given = findRunDir()
  if (given !== undefined) return given
  return makeRunDir()
}

/** Makes the directory and tells this process and its children about it. It goes when this process exits. */
export function makeRunDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-test-'))
  chmodSync(path, 0o711)
  process.env[variable] = path
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}

/**
 * A new empty directory inside the run's directory; it goes with the run.
 * Other users may pass through it: sshd reads authorized_keys as the user who logs in.
 */
export function scratchDir(name: string): string {
  const path = mkdtempSync(join(runDir(), `${name}-`))
  chmodSync(path, 0o711)
  return path
}
