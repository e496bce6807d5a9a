// What stands at a path of an embedded host: files with their bytes, directories with their entries, links, and others.
// Nothing here knows a path. Names and targets are binary strings, one character for each byte.

import type { FileType } from '../../sftp/sftp.js'
import { FileProblem } from './file-problem.js'

export type FileNode = RegularFile | Directory | SymbolicLink | SpecialFile

/** What every node has besides what it holds. */
export interface NodeAttributes {
  /** Permissions, with the setuid, setgid and sticky bits. */
  mode: number
  uid: number
  gid: number
  /** Milliseconds since 1970. */
  accessedAt: number
  modifiedAt: number
}

/** Node's own limit for one buffer is beyond this on every platform. */
const largestFileBytes = 2 ** 31

/** Its owner is the first user of most machines. */
export function newAttributes(mode: number): NodeAttributes {
  const now = Date.now()
  return { mode, uid: 1000, gid: 1000, accessedAt: now, modifiedAt: now }
}

export class RegularFile {
  readonly type = 'file'
  readonly attributes: NodeAttributes
  #bytes: Buffer = Buffer.alloc(0)
  #size = 0

  constructor(attributes: NodeAttributes) {
    this.attributes = attributes
  }

  get size(): number {
    return this.#size
  }

  /** A copy of at most `length` bytes; fewer at the end, and none beyond it. */
  read(position: number, length: number): Buffer {
    const end = Math.min(this.#size, position + length)
    return Buffer.from(this.#bytes.subarray(Math.min(position, end), end))
  }

  write(position: number, data: Uint8Array): void {
    const end = position + data.length
    if (end > this.#size) this.resize(end)
    this.#bytes.set(data, position)
    this.attributes.modifiedAt = Date.now()
  }

  /** What is added is zero. */
  resize(size: number): void {
    if (size > largestFileBytes) throw new FileProblem('EFBIG')
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.min(largestFileBytes, Math.max(size, this.#bytes.length * 2)))
      this.#bytes.copy(grown, 0, 0, this.#size)
      this.#bytes = grown
    } else if (size < this.#size) {
      this.#bytes.fill(0, size, this.#size)
    }
    this.#size = size
    this.attributes.modifiedAt = Date.now()
  }
}

export class Directory {
  readonly type = 'directory'
  readonly size = 4096
  readonly attributes: NodeAttributes
  readonly entries = new Map<string, FileNode>()

  constructor(attributes: NodeAttributes) {
    this.attributes = attributes
  }
}

export class SymbolicLink {
  readonly type = 'symlink'
  readonly target: string
  readonly attributes = newAttributes(0o777)

  constructor(target: string) {
    this.target = target
  }

  get size(): number {
    return this.target.length
  }
}

/** A fifo, a socket or a device: it is there, and cannot be opened. */
export class SpecialFile {
  readonly type: SpecialType
  readonly size = 0
  readonly attributes: NodeAttributes

  constructor(type: SpecialType, attributes: NodeAttributes) {
    this.type = type
    this.attributes = attributes
  }
}

export type SpecialType = Exclude<FileType, 'file' | 'directory' | 'symlink' | 'unknown'>
