// The open files and directories of one session with the file server.

import type { FileNode, RegularFile } from './file-node.js'
import { FileProblem } from './file-problem.js'

export interface OpenFile {
  readonly file: RegularFile
  readonly reads: boolean
  readonly writes: boolean
  readonly appends: boolean
}

/** A directory that is being listed. */
export interface OpenDirectory {
  readonly directory: FileNode
  /** What is still to be told. */
  readonly entries: (readonly [name: string, node: FileNode])[]
}

/** As many as OpenSSH's server says that it can open where a process may have 1024 descriptors. */
export const mostHandles = 1019

export class OpenHandles {
  readonly #open = new Map<number, OpenFile | OpenDirectory>()
  #last = 0

  /** Throws EMFILE when there are too many. */
  add(opened: OpenFile | OpenDirectory): Buffer {
    if (this.#open.size >= mostHandles) throw new FileProblem('EMFILE')
    this.#last += 1
    this.#open.set(this.#last, opened)
    const handle = Buffer.alloc(4)
    handle.writeUInt32BE(this.#last)
    return handle
  }

  /** Throws EBADF for a handle that is not open. */
  get(handle: Buffer): OpenFile | OpenDirectory {
    const opened = handle.length === 4 ? this.#open.get(handle.readUInt32BE()) : undefined
    if (opened === undefined) throw new FileProblem('EBADF')
    return opened
  }

  file(handle: Buffer): OpenFile {
    const opened = this.get(handle)
    if ('directory' in opened) throw new FileProblem('EBADF')
    return opened
  }

  directory(handle: Buffer): OpenDirectory {
    const opened = this.get(handle)
    if ('file' in opened) throw new FileProblem('EBADF')
    return opened
  }

  close(handle: Buffer): void {
    this.get(handle)
    this.#open.delete(handle.readUInt32BE())
  }
}
