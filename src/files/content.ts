// What is uploaded, wherever it comes from: in order, in pieces of the size that goes well over the wire.

import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { HopRef } from '../errors.js'
import { SftpError } from '../errors.js'
import type { StatChanges } from '../sftp/sftp.js'
import { type BytePath, pathText, shownPath } from './byte-path.js'
import { atLocal } from './local-failure.js'
import type { SourceVersion } from './temporary-name.js'

/** Bytes of one piece: the most that OpenSSH takes in one request. */
export const pieceBytes = 255 * 1024

/** What is uploaded to one file. */
export interface Content extends AsyncDisposable {
  /** For progress; empty for bytes and streams. */
  readonly path: string
  /** What there is, and what will be sent, where that is known. */
  readonly size: number | undefined
  /** Permissions, without setuid, setgid and sticky bits, where it has any. */
  readonly mode: number | undefined
  readonly times: StatChanges['times']
  /** Where a transfer of it can go on after an interruption. */
  readonly version: SourceVersion | undefined
  /** The content from a byte on; once, unless it has a `version`. */
  read(from: number): AsyncIterator<Buffer, void, undefined>
}

/** A file of this machine that is open, or why it is none to be copied. */
export type LocalContent = { readonly content: Content } | { readonly reason: string }

/**
 * Opens a file of this machine. What is no regular file is not waited for, and not read. `links` says whether a
 * symbolic link at this very path may be followed. The size at this moment counts: bytes that are added later are left
 * out, and a file that gets shorter, or is written to and keeps its size, rejects with FILE_CHANGED. One that says it is empty is read to its end, as those
 * of /proc have to be.
 */
export async function openLocal(
  path: BytePath,
  { hop, links }: { readonly hop: HopRef; readonly links: 'follow' | 'refuse' },
): Promise<LocalContent> {
  const what = { path, hop }
  // Windows has neither flag, and nothing of that kind in its directories.
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants
  const flags = O_RDONLY | O_NONBLOCK | (links === 'refuse' ? O_NOFOLLOW : 0)
  const handle = await atLocal(what, () => open(path, flags))
  try {
    const stats = await atLocal(what, () => handle.stat({ bigint: true }))
    if (!stats.isFile()) {
      await handle.close()
      return { reason: kindOf(stats) }
    }
    return { content: new FileContent({ path, hop }, handle, stats) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** What it is that is no file, in words. */
export function kindOf(entry: {
  isFIFO(): boolean
  isSocket(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}): string {
  if (entry.isFIFO()) return 'fifo'
  if (entry.isSocket()) return 'socket'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'symbolic link' : 'device'
}

/** The error for a source whose content is not that of one moment. */
export function rewritten(path: BytePath, hop: HopRef): SftpError {
  const shown = shownPath(path)
  return new SftpError('FILE_CHANGED', `${shown} was written to while it was read`, { path: shown, hop })
}

/** The error for a source that was not what it said. */
export function changed(path: BytePath, hop: HopRef): SftpError {
  const shown = shownPath(path)
  return new SftpError('FILE_CHANGED', `${shown} became shorter while it was read`, { path: shown, hop })
}

class FileContent implements Content {
  readonly path: string
  readonly size: number
  readonly mode: number
  readonly times: NonNullable<StatChanges['times']>
  readonly version: SourceVersion
  readonly #what: { readonly path: BytePath; readonly hop: HopRef }
  readonly #handle: FileHandle
  readonly #modifiedAt: bigint

  constructor(
    what: { readonly path: BytePath; readonly hop: HopRef },
    handle: FileHandle,
    stats: BigIntStats,
  ) {
    this.path = pathText(what.path)
    this.size = Number(stats.size)
    this.mode = Number(stats.mode) & 0o777
    this.times = { accessedAt: wireDate(stats.atimeMs), modifiedAt: wireDate(stats.mtimeMs) }
    this.version = { from: 'here', size: this.size, modifiedAt: new Date(Number(stats.mtimeMs)) }
    this.#what = what
    this.#handle = handle
    this.#modifiedAt = stats.mtimeNs
  }

  async *read(from: number): AsyncGenerator<Buffer, void, undefined> {
    const end = this.size === 0 ? Number.POSITIVE_INFINITY : this.size
    let position = from
    while (position < end) {
      const data = Buffer.allocUnsafe(Math.min(pieceBytes, end - position))
      const { bytesRead } = await atLocal(this.#what, () => this.#handle.read(data, 0, data.length, position))
      if (bytesRead === 0) {
        if (this.size === 0) return
        throw changed(this.#what.path, this.#what.hop)
      }
      position += bytesRead
      yield bytesRead === data.length ? data : data.subarray(0, bytesRead)
    }
    const { size, mtimeNs } = await atLocal(this.#what, () => this.#handle.stat({ bigint: true }))
    if (Number(size) < this.size) throw changed(this.#what.path, this.#what.hop)
    // One that is longer has most likely been added to, as logs are.
    if (Number(size) === this.size && mtimeNs !== this.#modifiedAt) {
      throw rewritten(this.#what.path, this.#what.hop)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close().catch(() => {})
  }
}

/** As the protocol can carry it: from 1970 to 2106. */
export function wireDate(ms: bigint | number): Date {
  return new Date(Math.min(Math.max(0, Number(ms)), (2 ** 32 - 1) * 1000))
}
