// The files of this folder, and how they are read without being held up by one.

import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { devNull } from 'node:os'

/** A known_hosts file above this many bytes is not read: some 100 000 hosts. */
export const largestFileBytes = 16 * 1024 * 1024

/** Whether a name is the null device, or a link to it: nothing is read from there and nothing recorded. */
export async function isNullDevice(file: string): Promise<boolean> {
  const path = await realpath(file).catch(() => file)
  return path === '/dev/null' || path === devNull
}

/**
 * The content of a file; `undefined` when there is none by this name. Rejects when there is one but it cannot be
 * read, is no regular file (a FIFO would hold us up, a device might never end) or is too large.
 */
export async function findContent(file: string): Promise<Buffer | undefined> {
  if (await isNullDevice(file)) return Buffer.alloc(0)
  try {
    await using handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const status = await handle.stat()
    if (!status.isFile()) throw new Error('not a regular file')
    if (status.size > largestFileBytes) throw new Error(`larger than ${largestFileBytes} bytes`)
    return await handle.readFile()
  } catch (error) {
    if (isSystemError(error, ['ENOENT', 'ENOTDIR'])) return undefined
    throw error
  }
}

/** Whether something thrown is an error of the system with one of these codes. */
export function isSystemError(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
