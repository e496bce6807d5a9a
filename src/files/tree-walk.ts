// Walks a tree of directories: some are listed at once, their files go to the crew, and a directory is finished when all
// that is in it is. What listing, copying and finishing mean is for upload-tree and download-tree.

import { type Deferred, deferred } from '../deferred.js'
import type { TransferSession } from './transfer-session.js'

/** A directory and its copy. */
export interface CopiedTree {
  /** It may be a symbolic link to one. */
  readonly from: string
  readonly to: string
  /** Whether only its contents are meant: then a directory that is there keeps its mode and times. */
  readonly isContents: boolean
}

/** A directory of the walk. */
export interface Folder {
  /** Makes the copy of the directory, and tells what is in it, one by one. */
  list(tell: FolderContents): Promise<void>
  /** Called when everything in it is done. */
  finish(): Promise<void>
}

export interface FolderContents {
  /** A piece of work for the crew. Resolves when it has begun. */
  file(work: () => Promise<void>): Promise<void>
  folder(folder: Folder): void
}

/** Directories that are listed at once. */
const listersAtOnce = 8

interface Node {
  readonly folder: Folder
  readonly parent: Node | undefined
  /** Its own listing, and what is in it and not done. */
  pending: number
}

/** Resolves when all is done or, at its first failure, when nothing is begun any more. */
export async function walkTree(session: TransferSession, root: Folder): Promise<void> {
  const walk = new Walk(session, root)
  await Promise.all(Array.from({ length: listersAtOnce }, () => walk.work()))
  await session.crew.idle()
  session.signal.throwIfAborted()
}

class Walk {
  readonly #session: TransferSession
  // The last found is the first listed: so there is never much that was found and not done.
  readonly #waiting: Node[]
  #busy = 0
  #change: Deferred<void> = deferred()

  constructor(session: TransferSession, root: Folder) {
    this.#session = session
    this.#waiting = [{ folder: root, parent: undefined, pending: 1 }]
  }

  /** Lists directories until there are none, or the transfer has failed. */
  async work(): Promise<void> {
    for (;;) {
      if (this.#session.signal.aborted) return
      const node = this.#waiting.pop()
      if (node === undefined) {
        if (this.#busy === 0) return
        await this.#change.promise
        continue
      }
      this.#busy += 1
      try {
        await this.#list(node)
      } finally {
        this.#busy -= 1
        this.#tellChange()
      }
    }
  }

  async #list(node: Node): Promise<void> {
    const { crew } = this.#session
    await node.folder.list({
      file: async (work) => {
        node.pending += 1
        await crew.add(async () => {
          await work()
          await this.#release(node)
        })
      },
      folder: (folder) => {
        node.pending += 1
        this.#waiting.push({ folder, parent: node, pending: 1 })
        this.#tellChange()
      },
    })
    await this.#release(node)
  }

  async #release(node: Node): Promise<void> {
    let done: Node | undefined = node
    while (done !== undefined) {
      done.pending -= 1
      if (done.pending > 0) return
      await done.folder.finish()
      done = done.parent
    }
  }

  #tellChange(): void {
    this.#change.resolve()
    this.#change = deferred()
  }
}
