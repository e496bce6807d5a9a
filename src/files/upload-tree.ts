// A directory of this machine to the server, with all that is in it. What is neither file nor directory is left out and
// said so; a symbolic link is what the option says. The directories are 0700 until they are finished.

import type { Dirent, Stats } from 'node:fs'
import { lstat, opendir, readlink, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { SftpError } from '../errors.js'
import { type BytePath, joinPath, pathText, shownPath } from './byte-path.js'
import { kindOf, openLocal, wireDate } from './content.js'
import { findSystemCode, localFailure } from './local-failure.js'
import { replaceRemote, requireReplaceable } from './replace-remote.js'
import { temporaryBeside } from './temporary-name.js'
import type { TransferSession } from './transfer-session.js'
import { type CopiedTree, type Folder, type FolderContents, walkTree } from './tree-walk.js'
import { upload } from './upload.js'

/** Copies a directory. */
export async function uploadTree(
  session: TransferSession,
  { from, to, isContents }: CopiedTree,
): Promise<void> {
  const root = await here(session, from, () => realpath(from))
  await walkTree(session, new LocalFolder(session, { from, to, root, above: [root], isContents }))
}

interface Place {
  readonly from: BytePath
  readonly to: BytePath
  /** The real path of the directory that symbolic links must not lead out of. */
  readonly root: string
  /** The real paths of this directory and those above it, when links are followed. */
  readonly above: readonly string[]
  /** Whether a directory that is there stays as it is. */
  readonly isContents: boolean
}

class LocalFolder implements Folder {
  readonly #session: TransferSession
  readonly #place: Place
  #stats: Stats | undefined
  #wasThere = false
  /** The setuid, setgid and sticky bits of what was there. */
  #keptBits = 0

  constructor(session: TransferSession, place: Place) {
    this.#session = session
    this.#place = place
  }

  async list(tell: FolderContents): Promise<void> {
    const { from } = this.#place
    const entries = await this.#open()
    if (entries === undefined) return
    try {
      this.#stats = await here(this.#session, from, () => stat(from))
      await this.#make()
    } catch (error) {
      await entries.close().catch(() => {})
      throw error
    }
    try {
      for await (const entry of entries) await this.#tell(entry as unknown as Dirent<Buffer>, tell)
    } catch (error) {
      throw localFailure(error, { path: from, hop: this.#session.hop })
    }
    this.#session.ledger.directories += 1
  }

  async finish(): Promise<void> {
    const { sftp, signal, rules } = this.#session
    const stats = this.#stats
    if (stats === undefined || (this.#wasThere && this.#place.isContents)) return
    const mode = rules.preserveMode ? (stats.mode & 0o777) | this.#keptBits : undefined
    const times = rules.preserveTimes
      ? { accessedAt: wireDate(stats.atimeMs), modifiedAt: wireDate(stats.mtimeMs) }
      : undefined
    if (mode === undefined && times === undefined) return
    try {
      await sftp.setStats(this.#place.to, { mode, times }, { signal })
    } catch (error) {
      // A directory of somebody else's that was there stays as it was.
      const isTheirs = error instanceof SftpError && error.code === 'SFTP_PERMISSION_DENIED'
      if (!(this.#wasThere && isTheirs)) throw error
    }
  }

  async #open() {
    const { from } = this.#place
    try {
      // The types of Node do not know that names can be bytes here.
      return await opendir(from, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 })
    } catch (error) {
      const failure = localFailure(error, { path: from, hop: this.#session.hop })
      return this.#skipVanished(failure, from)
    }
  }

  async #make(): Promise<void> {
    const { sftp, signal, rules, hop } = this.#session
    const { to } = this.#place
    try {
      const own = this.#stats === undefined ? undefined : (this.#stats.mode & 0o777) | 0o700
      await sftp.mkdir(to, { mode: rules.preserveMode ? 0o700 : own, signal })
    } catch (error) {
      if (!(error instanceof SftpError) || error.code === 'SFTP_NO_SUCH_FILE') throw error
      const there = await sftp.findStats(to, { signal })
      if (there === undefined) throw error
      if (there.type !== 'directory') {
        const path = shownPath(to)
        const what = `a ${there.type} is in the place of the directory ${path}`
        throw new SftpError('TRANSFER_FAILED', what, { path, hop, cause: error })
      }
      this.#wasThere = true
      this.#keptBits = (there.mode ?? 0) & 0o7000
    }
  }

  async #tell(entry: Dirent<Buffer>, tell: FolderContents): Promise<void> {
    this.#session.signal.throwIfAborted()
    const name = { name: entry.name.toString(), rawName: entry.name }
    const place = {
      ...this.#place,
      from: joinPath(this.#place.from, name),
      to: joinPath(this.#place.to, name),
      isContents: false,
    }
    if (entry.isDirectory()) tell.folder(new LocalFolder(this.#session, place))
    else if (entry.isFile()) await tell.file(() => this.#upload(place, 'refuse'))
    else if (entry.isSymbolicLink()) await this.#tellLink(place, tell)
    else this.#session.ledger.skip(pathText(place.from), kindOf(entry))
  }

  async #upload({ from, to }: Place, links: 'refuse' | 'follow'): Promise<void> {
    const { hop, ledger } = this.#session
    try {
      const opened = await openLocal(from, { hop, links })
      if ('reason' in opened) ledger.skip(pathText(from), opened.reason)
      else await upload(this.#session, opened.content, { path: to, isAlone: false })
    } catch (error) {
      this.#skipVanished(error, from)
    }
  }

  async #tellLink(place: Place, tell: FolderContents): Promise<void> {
    const { rules } = this.#session
    const { from } = place
    if (rules.symlinks === 'skip') this.#skip(from, 'symbolic link')
    else if (rules.symlinks === 'copy') await tell.file(() => this.#copyLink(place))
    else await this.#follow(place, tell)
  }

  async #copyLink({ from, to }: Place): Promise<void> {
    const { sftp, signal, leftovers, ledger } = this.#session
    const text = await here(this.#session, from, () => readlink(from, { encoding: 'buffer' }))
    await requireReplaceable(this.#session, to)
    const temporary = temporaryBeside(to)
    leftovers.add(temporary)
    await sftp.symlink(text, temporary, { signal })
    await replaceRemote(this.#session, temporary, to)
    leftovers.forget(temporary)
    ledger.files += 1
  }

  async #follow(place: Place, tell: FolderContents): Promise<void> {
    const { from, root } = place
    const real = await realpath(from).catch(() => undefined)
    const stats = real === undefined ? undefined : await lstat(real).catch(() => undefined)
    if (real === undefined || stats === undefined) this.#skip(from, 'symbolic link to nothing')
    else if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      this.#skip(from, 'symbolic link that leads out of the directory')
    } else if (stats.isFile()) await tell.file(() => this.#upload(place, 'follow'))
    else if (!stats.isDirectory()) this.#skip(from, kindOf(stats))
    else {
      // The place of the link itself is in all directories above it, which need not have been reached by links.
      const parent = await here(this.#session, this.#place.from, () => realpath(this.#place.from))
      const above = [...place.above, parent]
      if (above.some((path) => path === real || path.startsWith(real + sep))) {
        this.#skip(from, 'symbolic link to a directory that it is in')
      } else tell.folder(new LocalFolder(this.#session, { ...place, above: [...above, real] }))
    }
  }

  #skip(path: BytePath, reason: string): void {
    this.#session.ledger.skip(pathText(path), reason)
  }

  /** What went away or changed meanwhile is left out; all else is thrown. */
  #skipVanished(error: unknown, path: BytePath): undefined {
    const reasons = new Map([
      ['ENOENT', 'vanished'],
      ['ENOTDIR', 'vanished'],
      ['ELOOP', 'became a symbolic link'],
    ])
    const isChanged = error instanceof SftpError && error.code === 'FILE_CHANGED'
    const reason = isChanged ? 'changed while it was read' : reasons.get(findSystemCode(error) ?? '')
    if (reason === undefined) throw error
    this.#skip(path, reason)
    return undefined
  }
}

function here<T>(session: TransferSession, path: BytePath, call: () => Promise<T>): Promise<T> {
  return call().catch((error: unknown) => {
    throw localFailure(error, { path, hop: session.hop })
  })
}
