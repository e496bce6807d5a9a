// One writer of a known_hosts file at a time: a queue inside this process, a lock file between processes.
// The lock keeps lines from being added twice; that they are not torn is the doing of the single append.

import { open, stat, unlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { isSystemError } from './files.js'

/** A writer needs milliseconds. A lock that has not changed hands for so long was left behind by a crash. */
const staleAfterMs = 2000
const retryAfterMs = 15

const queues = new Map<string, Promise<void>>()

/**
 * Runs `work` while nobody else who asks for this file does. Rejects as `work` does, or with the signal's reason
 * while waiting. Where no lock file can be made (a read-only directory) it goes on without one.
 */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  const turn = (queues.get(file) ?? Promise.resolve()).then(() =>
    holdingLockFile(`${file}.lock`, work, signal),
  )
  const settled = turn.then(
    () => undefined,
    () => undefined,
  )
  queues.set(file, settled)
  try {
    return await turn
  } finally {
    if (queues.get(file) === settled) queues.delete(file)
  }
}

async function holdingLockFile<T>(lock: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const taken = await takeLockFile(lock, signal)
  try {
    return await work()
  } finally {
    if (taken) await unlink(lock).catch(() => undefined)
  }
}

async function takeLockFile(lock: string, signal: AbortSignal): Promise<boolean> {
  let holder: string | undefined
  let since = performance.now()
  for (;;) {
    signal.throwIfAborted()
    try {
      const handle = await open(lock, 'wx', 0o600)
      await handle.close()
      return true
    } catch (error) {
      if (!isSystemError(error, ['EEXIST'])) return false
    }
    const now = await findIdentity(lock)
    if (now !== holder) {
      holder = now
      since = performance.now()
    } else if (performance.now() - since > staleAfterMs) {
      // A wrong guess costs at worst a line that stands there twice.
      await unlink(lock).catch(() => undefined)
    }
    await delay(retryAfterMs, undefined, { signal })
  }
}

async function findIdentity(file: string): Promise<string | undefined> {
  const status = await stat(file, { bigint: true }).catch(() => undefined)
  return status === undefined ? undefined : `${status.ino} ${status.mtimeNs}`
}
