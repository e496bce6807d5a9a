// Adds a key to a known_hosts file: one append of a whole line, under a lock, and only when it is not there by then.
// The file is never rewritten or truncated, and nothing is created but the named file and, where missing, ~/.ssh.

import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { withFileLock } from './file-lock.js'
import { isNullDevice, isSystemError, largestFileBytes } from './files.js'
import { hashHostName } from './hashed-name.js'
import { hasKey, type KnownKey } from './host-record.js'
import { findHostLines } from './known-hosts.js'
import type { HostKey } from './public-key.js'

export interface NewEntry {
  /** The lower-cased name as known_hosts has it. */
  readonly name: string
  readonly key: HostKey
  readonly hashed: boolean
  /** What to do when other keys of this name are in the file by now. */
  readonly besideOthers: 'add' | 'leave'
}

/** Whether a name can stand in known_hosts and mean itself only: no pattern, list, marker or second word. */
export function isRecordableName(name: string): boolean {
  const host = /^\[([^[\]]+)\]:\d+$/.exec(name)?.[1] ?? name
  return /^[^\u0000-\u0020\u007f,!@?*#[\]|'"\\]+$/.test(host)
}

/**
 * Records a key. Resolves to the other keys that the file has for this name when it was left alone because of them,
 * else to none. Rejects with the system's error when the file cannot be written. The null device swallows all.
 */
export async function recordHostKey(
  file: string,
  entry: NewEntry,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly KnownKey[]> {
  if (await isNullDevice(file)) return []
  const path = resolve(file)
  // As OpenSSH: only this directory is ever made. A failure shows when the file is opened.
  const sshDirectory = join(homedir(), '.ssh')
  if (dirname(path) === sshDirectory) await mkdir(sshDirectory, { mode: 0o700 }).catch(() => undefined)

  return await withFileLock(path, () => addUnlessKnown(path, entry), { signal })
}

async function addUnlessKnown(file: string, entry: NewEntry): Promise<readonly KnownKey[]> {
  await using handle = await openForAppending(file)
  const status = await handle.stat()
  if (!status.isFile()) throw new Error('not a regular file')
  if (status.size > largestFileBytes) throw new Error(`larger than ${largestFileBytes} bytes`)
  const content = await handle.readFile('utf8')

  const known = findHostLines(content, entry.name).flatMap(({ line, marker, key }) =>
    marker === 'none' && key !== undefined ? [{ ...key, file, line }] : [],
  )
  if (hasKey(known, entry.key)) return []
  if (known.length > 0 && entry.besideOthers === 'leave') return known

  const start = content === '' || content.endsWith('\n') ? '' : '\n'
  const bytes = Buffer.from(`${start}${formatLine(entry)}\n`)
  const { bytesWritten } = await handle.write(bytes)
  if (bytesWritten !== bytes.length) throw new Error('only a part of the line could be written')
  await handle.sync()
  return []
}

function formatLine({ name, key, hashed }: NewEntry): string {
  return `${hashed ? hashHostName(name) : name} ${key.type} ${key.blob.toString('base64')}`
}

/** A new file is made with O_EXCL, which does not follow a dangling link to somewhere else. */
async function openForAppending(file: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_APPEND | (constants.O_NONBLOCK ?? 0)
  try {
    return await open(file, flags)
  } catch (error) {
    if (!isSystemError(error, ['ENOENT'])) throw error
  }
  try {
    return await open(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600)
  } catch (error) {
    if (!isSystemError(error, ['EEXIST'])) throw error
  }
  // Somebody else made it just now, or it is a dangling link, and this fails once more.
  return await open(file, flags)
}
