// A directory of the server to this machine, with all that is in it. The server may say what it likes: names lead
// nowhere, each is taken from one listing, nothing is written through a symbolic link below the root, and the links that
// are copied are made when all else in their directory is done.

import { constants } from 'node:fs'
import { lstat, mkdir, open as openHere } from 'node:fs/promises'
import { SftpError } from '../errors.js'
import type { DirectoryEntry, FileStats } from '../sftp/sftp.js'
import { type BytePath, joinPath, pathText, shownPath } from './byte-path.js'
import { download } from './download.js'
import { findIgnoresCase } from './ignores-case.js'
import { atLocal, findSystemCode } from './local-failure.js'
import { type LocalLink, makeLink } from './local-link.js'
import { requireSafeName } from './safe-name.js'
import type { TransferSession } from './transfer-session.js'
import { type CopiedTree, type Folder, type FolderContents, walkTree } from './tree-walk.js'

/** Copies a directory. */
export async function downloadTree(
  session: TransferSession,
  { from, to, isContents }: CopiedTree,
): Promise<void> {
  const { sftp, signal, rules } = session
  const root = rules.symlinks === 'follow' ? await sftp.realpath(from, { signal }) : ''
  const stats = await sftp.stat(from, { signal })
  const ignoresCase = await findIgnoresCase(to)
  const shared = { root, ignoresCase }
  await walkTree(
    session,
    new RemoteFolder(session, shared, { from, to, stats, above: [root], isRoot: true, isContents }),
  )
}

interface Shared {
  /** The real path of the directory that symbolic links must not lead out of. */
  readonly root: string
  readonly ignoresCase: boolean
}

interface Place {
  readonly from: BytePath
  readonly to: BytePath
  readonly stats: FileStats
  /** The real paths of this directory and those above it that were reached by links. */
  readonly above: readonly string[]
  readonly isRoot: boolean
  /** Whether a directory that is there stays as it is. */
  readonly isContents: boolean
}

/** Deeper trees than any that people make: a server may say that a directory is in itself. */
const maxDepth = 2000

class RemoteFolder implements Folder {
  readonly #session: TransferSession
  readonly #shared: Shared
  readonly #place: Place
  readonly #depth: number
  readonly #seen = new Set<string>()
  readonly #links: LocalLink[] = []
  #isMade = false
  #wasThere = false

  constructor(session: TransferSession, shared: Shared, place: Place, depth = 0) {
    this.#session = session
    this.#shared = shared
    this.#place = place
    this.#depth = depth
  }

  async list(tell: FolderContents): Promise<void> {
    const { sftp, signal, ledger } = this.#session
    const { from } = this.#place
    try {
      const entries = sftp.entries(from, { signal })
      await this.#make()
      for await (const entry of entries) await this.#tell(entry, tell)
      ledger.directories += 1
    } catch (error) {
      if (this.#place.isRoot) throw error
      this.#skipVanished(error, from)
    }
  }

  async finish(): Promise<void> {
    const { rules, hop } = this.#session
    const { to, stats } = this.#place
    if (!this.#isMade) return
    // Now nothing more is written below it, so that nothing is written through them.
    for (const link of this.#links) await makeLink(this.#session, link)
    const mode = rules.preserveMode && stats.mode !== undefined ? stats.mode & 0o777 : undefined
    const times = rules.preserveTimes ? stats.modifiedAt : undefined
    if ((mode === undefined && times === undefined) || (this.#wasThere && this.#place.isContents)) return
    const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants
    try {
      await atLocal({ path: to, hop }, async () => {
        const handle = await openHere(to, O_RDONLY | O_DIRECTORY | (this.#place.isRoot ? 0 : O_NOFOLLOW))
        try {
          if (times !== undefined) await handle.utimes(stats.accessedAt ?? times, times)
          const kept = this.#wasThere ? (await handle.stat()).mode & 0o7000 : 0
          if (mode !== undefined) await handle.chmod(mode | kept)
        } finally {
          await handle.close()
        }
      })
    } catch (error) {
      // A directory of somebody else's that was there stays as it was.
      if (!this.#wasThere || findSystemCode(error) !== 'EPERM') throw error
    }
  }

  async #make(): Promise<void> {
    const { rules, hop } = this.#session
    const { to, isRoot, stats } = this.#place
    try {
      await mkdir(to, { mode: rules.preserveMode ? 0o700 : ((stats.mode ?? 0o777) & 0o777) | 0o700 })
    } catch (error) {
      if (findSystemCode(error) !== 'EEXIST') await atLocal({ path: to, hop }, () => Promise.reject(error))
      await this.#requireDirectory(isRoot)
      this.#wasThere = true
    }
    this.#isMade = true
  }

  /** What is there must be a directory, and below the root no link to one. */
  async #requireDirectory(isRoot: boolean): Promise<void> {
    const { hop } = this.#session
    const { to } = this.#place
    const path = shownPath(to)
    const there = await atLocal({ path: to, hop }, () => lstat(to))
    if (there.isDirectory() || (isRoot && there.isSymbolicLink())) return
    if (!there.isSymbolicLink()) {
      const what = `something else is in the place of the directory ${path}`
      throw new SftpError('TRANSFER_FAILED', what, { path, hop })
    }
    const what = `a symbolic link is in the place of the directory ${path}, and nothing is written through it`
    throw new SftpError('UNSAFE_NAME', what, { path, hop })
  }

  async #tell(entry: DirectoryEntry, tell: FolderContents): Promise<void> {
    const { sftp, signal, ledger } = this.#session
    signal.throwIfAborted()
    requireSafeName(entry.rawName.toString('latin1'))
    requireSafeName(entry.name)
    const from = joinPath(this.#place.from, entry)
    const key = this.#shared.ignoresCase
      ? entry.name.normalize('NFC').toLowerCase()
      : entry.rawName.toString('latin1')
    if (this.#seen.has(key)) {
      ledger.skip(pathText(from), 'another file has this name, or one that is the same here')
      return
    }
    this.#seen.add(key)
    const stats = entry.stats.type === 'unknown' ? await sftp.lstat(from, { signal }) : entry.stats
    const to = joinPath(this.#place.to, entry)
    const place = { from, to, stats, above: this.#place.above, isRoot: false, isContents: false }
    if (stats.type === 'directory') this.#tellFolder(place, tell)
    else if (stats.type === 'file') await tell.file(() => this.#download(place))
    else if (stats.type !== 'symlink') ledger.skip(pathText(from), stats.type)
    else await this.#tellLink(place, tell)
  }

  #tellFolder(place: Place, tell: FolderContents): void {
    if (this.#depth >= maxDepth) {
      const path = shownPath(place.from)
      const what = `the directory ${path} is more than ${maxDepth} levels deep`
      throw new SftpError('TRANSFER_FAILED', what, { path, hop: this.#session.hop })
    }
    tell.folder(new RemoteFolder(this.#session, this.#shared, place, this.#depth + 1))
  }

  async #download({ from, to, stats }: Place): Promise<void> {
    try {
      await download(this.#session, from, { path: to, isAlone: false, expectedBytes: stats.size })
    } catch (error) {
      this.#skipVanished(error, from)
    }
  }

  async #tellLink(place: Place, tell: FolderContents): Promise<void> {
    const { rules, ledger } = this.#session
    if (rules.symlinks === 'skip') ledger.skip(pathText(place.from), 'symbolic link')
    else if (rules.symlinks === 'follow') await this.#follow(place, tell)
    else await tell.file(() => this.#noteLink(place))
  }

  async #noteLink({ from, to }: Place): Promise<void> {
    const { sftp, signal, ledger } = this.#session
    try {
      const text = await sftp.readlink(from, { signal })
      if (text === '' || text.includes('\0')) ledger.skip(pathText(from), 'symbolic link without a path')
      else this.#links.push({ path: to, text })
    } catch (error) {
      this.#skipVanished(error, from)
    }
  }

  async #follow(place: Place, tell: FolderContents): Promise<void> {
    const { sftp, signal, ledger } = this.#session
    const { from, above } = place
    const { root } = this.#shared
    const skip = (reason: string): void => ledger.skip(pathText(from), reason)
    const stats = await sftp.findStats(from, { signal })
    if (stats === undefined) return skip('symbolic link to nothing')
    const real = await sftp.realpath(from, { signal })
    if (real !== root && !real.startsWith(root.endsWith('/') ? root : `${root}/`)) {
      return skip('symbolic link that leads out of the directory')
    }
    if (stats.type === 'file') return tell.file(() => this.#download(place))
    if (stats.type !== 'directory') return skip(stats.type)
    // The place of the link itself is in all directories above it, which need not have been reached by links.
    const here = await sftp.realpath(this.#place.from, { signal })
    if ([here, ...above].some((path) => path === real || path.startsWith(`${real}/`))) {
      return skip('symbolic link to a directory that it is in')
    }
    this.#tellFolder({ ...place, stats, above: [...above, here, real] }, tell)
  }

  /** What went away or changed meanwhile is left out; all else is thrown. */
  #skipVanished(error: unknown, path: BytePath): void {
    const reasons = new Map([
      ['SFTP_NO_SUCH_FILE', 'vanished'],
      ['FILE_CHANGED', 'changed while it was read'],
    ])
    const reason = error instanceof SftpError ? reasons.get(error.code) : undefined
    if (reason === undefined) throw error
    this.#session.ledger.skip(pathText(path), reason)
  }
}
