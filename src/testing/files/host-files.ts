// The files of an embedded host as a test sees and changes them: whatever the permissions, and without SFTP.

import type { FileType } from '../../sftp/sftp.js'
import type { FileDescription, FileTreeDescription } from '../description.js'
import {
  Directory,
  type FileNode,
  newAttributes,
  RegularFile,
  SpecialFile,
  SymbolicLink,
} from './file-node.js'
import { FileProblem } from './file-problem.js'
import { FileTree, homePath } from './file-tree.js'

/** One file of a host, as it is at this moment. */
export interface HostFile {
  /** Absolute, without links but perhaps the last name. */
  readonly path: string
  readonly type: FileType
  readonly size: number
  /** Permissions, with the setuid, setgid and sticky bits. */
  readonly mode: number
  readonly accessedAt: Date
  readonly modifiedAt: Date
  /** Of a symbolic link, what it says. */
  readonly target: string | undefined
}

/**
 * The files of one host. Paths are absolute, or begin in `/home`, where every user is at home. What is not there, or is
 * something else, throws an Error in the words of errno(3).
 */
export interface HostFiles {
  /** The bytes of a file; symbolic links are followed. */
  read(path: string): Buffer
  /** Makes or replaces whatever is at `path` itself, with the directories above it. */
  write(path: string, file: string | Uint8Array | FileDescription): void
  /** What is at `path` itself, be it a symbolic link; `undefined` when nothing is. */
  find(path: string): HostFile | undefined
  /** Everything below `path` (default the root), each directory before what is in it, in the order it was made. */
  list(path?: string): readonly HostFile[]
  /** With all that is below it. */
  remove(path: string): void
}

/** The tree that `description` describes, with an empty home at least. */
export class DescribedFiles implements HostFiles {
  readonly tree = new FileTree()

  constructor(description: FileTreeDescription = {}) {
    this.write(homePath, { type: 'directory' })
    for (const [path, file] of Object.entries(description)) this.write(path, file)
  }

  read(path: string): Buffer {
    return this.tree.asRoot(() => {
      const file = this.tree.open(bytesOf(path), readOnly)
      return file.read(0, file.size)
    })
  }

  write(path: string, file: string | Uint8Array | FileDescription): void {
    const described = typeof file === 'string' || file instanceof Uint8Array ? { content: file } : file
    const name = bytesOf(path)
    // Directories in a description may stand behind what is in them.
    const there = 'type' in described && described.type === 'directory' ? this.#find(name) : undefined
    if (there?.type !== 'directory') this.tree.put(name, nodeOf(described))
    else Object.assign(there.attributes, attributesOf(described, there.attributes.mode))
  }

  find(path: string): HostFile | undefined {
    const node = this.#find(bytesOf(path))
    return (
      node &&
      hostFile(
        this.tree.asRoot(() => this.tree.locate(bytesOf(path), 'keep').path),
        node,
      )
    )
  }

  list(path = '/'): readonly HostFile[] {
    return this.tree.asRoot(() =>
      [...this.tree.walk(bytesOf(path))].slice(1).map(([name, node]) => hostFile(name, node)),
    )
  }

  remove(path: string): void {
    this.tree.asRoot(() => {
      const { parent, name } = this.tree.locate(bytesOf(path), 'keep')
      if (!parent.entries.delete(name)) throw new Error(`there is no ${path}`)
    })
  }

  #find(path: string): FileNode | undefined {
    try {
      return this.tree.asRoot(() => this.tree.locate(path, 'keep').node)
    } catch (error) {
      if (error instanceof FileProblem && error.code === 'ENOENT') return undefined
      throw error
    }
  }
}

const readOnly = { reads: true, writes: false, creates: undefined, truncates: false, onlyNew: false } as const

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

function nodeOf(file: FileDescription): FileNode {
  if ('linkTo' in file) return new SymbolicLink(bytesOf(file.linkTo))
  if ('content' in file) {
    const attributes = newAttributes(0o644)
    const node = new RegularFile(attributes)
    node.write(0, Buffer.from(file.content))
    Object.assign(attributes, attributesOf(file, 0o644))
    return node
  }
  if (file.type === 'directory') {
    return new Directory({ ...newAttributes(0o755), ...attributesOf(file, 0o755) })
  }
  return new SpecialFile(file.type, { ...newAttributes(0o644), ...attributesOf(file, 0o644) })
}

function attributesOf(file: FileDescription, defaultMode: number) {
  const { mode = defaultMode, modifiedAt, accessedAt = modifiedAt } = 'linkTo' in file ? {} : file
  return {
    mode,
    ...(modifiedAt && { modifiedAt: modifiedAt.getTime() }),
    ...(accessedAt && { accessedAt: accessedAt.getTime() }),
  }
}

function hostFile(path: string, node: FileNode): HostFile {
  const { mode, accessedAt, modifiedAt } = node.attributes
  return {
    path: textOf(path),
    type: node.type,
    size: node.size,
    mode,
    accessedAt: new Date(accessedAt),
    modifiedAt: new Date(modifiedAt),
    target: node.type === 'symlink' ? textOf(node.target) : undefined,
  }
}
