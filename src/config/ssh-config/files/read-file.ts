// One configuration file, read safely: never waits for a writer or a device, never reads without end, and tells by
// the file's identity whether it is still the one that was read. What the text means is parse.ts's.

import type { BigIntStats } from 'node:fs'
import { constants, type FileHandle, open, stat } from 'node:fs/promises'
import { devNull } from 'node:os'
import { ConfigError } from '../../../errors.js'
import { printable } from '../../../printable.js'

/** OpenSSH has no limit; a configuration of this size is a mistake. */
const largestBytes = 4 * 2 ** 20

/** A file as it was when it was read. */
export interface ReadFile {
  readonly stats: BigIntStats
  readonly text: string
  /** Whether any later change of the file shows in its status. */
  readonly isSettled: boolean
}

/** The clock of a file system may stand still this long, and a change within it shows nowhere. */
const clockGrainMs = 20

/** The status of `path`, undefined where there is no such file. Rejects with {@link ConfigError} CONFIG_UNUSABLE. */
export async function findStats(path: string, label: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unusable(label, 'cannot be read', error)
  }
}

/**
 * Reads a file as ssh does: a directory is an empty file, and undefined where there is none. Rejects with
 * {@link ConfigError} CONFIG_UNUSABLE for what is neither a file nor a directory nor the null device, and for more than
 * 4 MiB. `label` names the file in messages.
 */
export async function findFile(path: string, label: string): Promise<ReadFile | undefined> {
  const startMs = Date.now()
  const before = await findStats(path, label)
  if (before === undefined) return undefined
  // Opening a device or a pipe may already have an effect.
  if (isEmptyFor(path, before)) return asRead(before, '')
  let handle: FileHandle | undefined
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = await handle.stat({ bigint: true })
    return asRead(stats, isEmptyFor(path, stats) ? '' : await readText(handle))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error instanceof ConfigError ? error : unusable(label, 'cannot be read', error)
  } finally {
    await handle?.close()
  }

  function asRead(stats: BigIntStats, text: string): ReadFile {
    return { stats, text, isSettled: startMs - Number(stats.ctimeMs) > clockGrainMs }
  }

  function isEmptyFor(name: string, stats: BigIntStats): boolean {
    if (stats.isDirectory() || name === devNull) return true
    if (!stats.isFile()) throw unusable(label, 'is not a regular file')
    requireSize(Number(stats.size), label)
    return false
  }

  async function readText(file: FileHandle): Promise<string> {
    const chunks: Buffer[] = []
    let length = 0
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(64 * 1024) })
      if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8')
      chunks.push(buffer.subarray(0, bytesRead))
      length += bytesRead
      requireSize(length, label)
    }
  }
}

/** Throws {@link ConfigError} CONFIG_UNUSABLE for more than 4 MiB. */
export function requireSize(bytes: number, label: string): void {
  if (bytes > largestBytes) throw unusable(label, `is larger than ${largestBytes / 2 ** 20} MiB`)
}

/** Throws {@link ConfigError} CONFIG_UNUSABLE for a file that others than root and this user may have written. */
export function requireOwn(stats: BigIntStats, label: string): void {
  const me = process.getuid?.()
  if (me === undefined) return
  if (stats.uid !== 0n && stats.uid !== BigInt(me)) {
    throw unusable(label, 'belongs to another user', undefined, 'it must be owned by you or by root')
  }
  if ((stats.mode & 0o022n) !== 0n) {
    throw unusable(label, 'can be written by others', undefined, `chmod go-w ${label}`)
  }
}

/** Whether both are the status of one and the same content. */
export function isSameContent(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  )
}

function unusable(label: string, what: string, cause?: unknown, hint?: string): ConfigError {
  const why = cause instanceof Error ? `: ${printable(reasonOf(cause))}` : ''
  return new ConfigError('CONFIG_UNUSABLE', `${label} ${what}${why}`, {
    origin: label,
    phase: 'resolve',
    cause,
    hint,
  })
}

// Node's message repeats the path: "EACCES: permission denied, open '/home/…'".
function reasonOf(error: Error): string {
  return error.message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+ '.*$/s, '')
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
