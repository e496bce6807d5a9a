// The temporary file of a download, beside its place. Nobody can guess its name, nobody else can read it, and it is
// gone or in its place at the end.

import { constants } from 'node:fs'
import { type FileHandle, lstat, open, stat, unlink } from 'node:fs/promises'
import { type HopRef, SftpError } from '../errors.js'
import type { StatChanges } from '../sftp/sftp.js'
import { type BytePath, shownPath } from './byte-path.js'
import { atLocal } from './local-failure.js'
import { replaceLocal } from './replace-local.js'

export interface TemporaryOptions {
  readonly hop: HopRef
  /** The mode that it will have; `undefined` when the umask decides, and then it has that from the beginning. */
  readonly mode: number | undefined
  /** That of the original, from which the umask takes; default `0o666`. */
  readonly sourceMode?: number | undefined
}

/** What a finished file is given. */
export interface Finish {
  readonly times: StatChanges['times']
  /** Whether it must be on the disk before it takes its place. */
  readonly isSynced: boolean
}

/** A file that is not in its place yet. */
export class LocalTemporary {
  readonly path: BytePath
  /** Bytes that are there already. */
  readonly from: number
  readonly #handle: FileHandle
  readonly #options: TemporaryOptions

  constructor(path: BytePath, handle: FileHandle, options: TemporaryOptions & { readonly from: number }) {
    this.path = path
    this.from = options.from
    this.#handle = handle
    this.#options = options
  }

  /** Makes it; it must not be there. */
  static async make(path: BytePath, options: TemporaryOptions): Promise<LocalTemporary> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    // As scp: whoever makes it may write to it.
    const unasked = ((options.sourceMode ?? 0o666) & 0o777) | 0o200
    const handle = await atLocal({ path, hop: options.hop }, () =>
      open(path, flags, options.mode === undefined ? unasked : 0o600),
    )
    return new LocalTemporary(path, handle, { ...options, from: 0 })
  }

  async write(data: Buffer, position: number): Promise<void> {
    await atLocal(this.#what, async () => {
      let done = 0
      while (done < data.length) {
        const { bytesWritten } = await this.#handle.write(data, done, data.length - done, position + done)
        done += bytesWritten
      }
    })
  }

  /** Gives it its mode and times, and its place, where it replaces a file or a symbolic link in one step. */
  async moveTo(place: BytePath, { times, isSynced }: Finish): Promise<void> {
    const { mode, hop } = this.#options
    await atLocal(this.#what, async () => {
      if (mode !== undefined) await this.#handle.chmod(mode)
      if (times !== undefined) await this.#handle.utimes(times.accessedAt, times.modifiedAt)
      if (isSynced) await this.#handle.sync()
    })
    await this.#requireOwn(place)
    await atLocal(this.#what, () => this.#handle.close())
    await replaceLocal(this.path, place, hop)
  }

  /** A transfer of the same source that was begun anew has its own file under the name that both can go on with. */
  async #requireOwn(place: BytePath): Promise<void> {
    const own = await atLocal(this.#what, () => this.#handle.stat())
    const there = await lstat(this.path).catch(() => undefined)
    if (there?.ino === own.ino && there.dev === own.dev) return
    const path = shownPath(place)
    const what = `another transfer of the same source to ${path} took over what this one had got`
    throw new SftpError('TRANSFER_FAILED', what, { path, hop: this.#options.hop })
  }

  /** Closes it, and removes it unless it is to be kept. Never rejects. */
  async abandon(to: 'remove' | 'keep'): Promise<void> {
    await this.#handle.close().catch(() => {})
    if (to === 'remove') await unlink(this.path).catch(() => {})
  }

  get #what() {
    return { path: this.path, hop: this.#options.hop }
  }
}

/** The mode of what is there, which it keeps when no other is wanted; `undefined` when nothing is. */
export async function findModeHere(path: BytePath): Promise<number | undefined> {
  const there = await stat(path).catch(() => undefined)
  return there?.isFile() ? there.mode & 0o777 : undefined
}
