// The file system of one embedded host: paths, links and permissions as a POSIX system has them, in memory.
// Everybody is the owner of everything, so that only the owner's bits count. Paths are binary strings.

import { Directory, type FileNode, newAttributes, RegularFile, SymbolicLink } from './file-node.js'
import { FileProblem } from './file-problem.js'

/** Where every user of an embedded host is at home; relative paths begin there. */
export const homePath = '/home'

/** As Linux. */
const mostLinks = 40
const longestName = 255
const umask = 0o022

const readable = 0o400
const writable = 0o200
const searchable = 0o100

/** What a path leads to; `node` is undefined where there is room for something. */
export interface Place {
  /** Absolute, without links but perhaps the last name. */
  readonly path: string
  readonly parent: Directory
  readonly name: string
  readonly node: FileNode | undefined
}

/** What becomes of a symbolic link that is the last name of a path. */
export type LastLink = 'follow' | 'keep'

export interface OpenMode {
  readonly reads: boolean
  readonly writes: boolean
  /** Make the file if it is not there, with this mode before the umask. */
  readonly creates: number | undefined
  readonly truncates: boolean
  readonly onlyNew: boolean
}

export class FileTree {
  readonly root = new Directory(newAttributes(0o755))
  #checksPermissions = true

  /** The bytes of all files, without those that have no name any more. */
  get usedBytes(): number {
    const files = new Set<FileNode>()
    for (const [, node] of this.walk('/')) if (node.type === 'file') files.add(node)
    return [...files].reduce((sum, { size }) => sum + size, 0)
  }

  /** Does `work`, which must be synchronous, as somebody whom no permission stops. */
  asRoot<Result>(work: () => Result): Result {
    const before = this.#checksPermissions
    this.#checksPermissions = false
    try {
      return work()
    } finally {
      this.#checksPermissions = before
    }
  }

  /** Throws ENOENT where more than the last name is missing, and ENOTDIR for a file with a slash behind its name. */
  locate(path: string, lastLink: LastLink): Place {
    const rest = partsOf(path).reverse()
    const trail: { readonly name: string; readonly directory: Directory }[] = []
    const here = (): Directory => trail.at(-1)?.directory ?? this.root
    const pathOf = (name: string): string => `/${[...trail.map((step) => step.name), name].join('/')}`
    let links = 0
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '..') trail.pop()
      if (name === '..' || name === '.' || name === '') continue
      if (name.length > longestName) throw new FileProblem('ENAMETOOLONG')
      const parent = here()
      this.#require(parent, searchable)
      const node = parent.entries.get(name)
      const isLast = rest.every((part) => part === '')
      if (node?.type === 'symlink' && (lastLink === 'follow' || !isLast)) {
        links += 1
        if (links > mostLinks) throw new FileProblem('ELOOP')
        if (node.target.startsWith('/')) trail.length = 0
        rest.push(...node.target.split('/').reverse())
      } else if (node?.type === 'directory') {
        trail.push({ name, directory: node })
      } else if (isLast && (rest.length === 0 || node?.type !== 'file')) {
        return { path: pathOf(name), parent, name, node }
      } else {
        throw new FileProblem(node === undefined ? 'ENOENT' : 'ENOTDIR')
      }
    }
    const { name = '', directory = this.root } = trail.pop() ?? {}
    return { path: pathOf(name), parent: here(), name, node: directory }
  }

  /** What is at the path. Throws ENOENT. */
  get(path: string, lastLink: LastLink): FileNode {
    return existing(this.locate(path, lastLink))
  }

  open(path: string, { reads, writes, creates, truncates, onlyNew }: OpenMode): RegularFile {
    const place = this.locate(path, onlyNew ? 'keep' : 'follow')
    if (place.node === undefined && creates !== undefined) {
      if (path.endsWith('/')) throw new FileProblem('EISDIR')
      const made = new RegularFile(newAttributes(creates & ~umask))
      this.#add(place, made)
      return made
    }
    const node = existing(place)
    if (creates !== undefined && onlyNew) throw new FileProblem('EEXIST')
    if (node.type === 'directory') throw new FileProblem('EISDIR')
    if (node.type !== 'file') throw new FileProblem('ENXIO')
    if (reads) this.#require(node, readable)
    if (writes) this.#require(node, writable)
    if (truncates && writes) node.resize(0)
    return node
  }

  list(path: string): Directory {
    const node = this.get(path, 'follow')
    if (node.type !== 'directory') throw new FileProblem('ENOTDIR')
    this.#require(node, readable)
    return node
  }

  makeDirectory(path: string, mode = 0o777): void {
    this.#add(this.locate(path, 'keep'), new Directory(newAttributes(mode & ~umask)))
  }

  removeDirectory(path: string): void {
    const place = this.locate(path, 'keep')
    const node = existing(place)
    if (node.type !== 'directory') throw new FileProblem('ENOTDIR')
    if (node.entries.size > 0) throw new FileProblem('ENOTEMPTY')
    this.#remove(place)
  }

  removeFile(path: string): void {
    const place = this.locate(path, 'keep')
    if (existing(place).type === 'directory') throw new FileProblem('EISDIR')
    this.#remove(place)
  }

  /** `replace` as rename(2); else as OpenSSH's server, which fails where something is at `to`. */
  rename(from: string, to: string, whereThereIsOne: 'replace' | 'fail'): void {
    const source = this.locate(from, 'keep')
    const target = this.locate(to, 'keep')
    const node = existing(source)
    if (target.node !== undefined) {
      if (whereThereIsOne === 'fail') throw new FileProblem('EEXIST')
      if (target.node === node) return
      checkReplacement(node, target.node)
    }
    if (target.path.startsWith(`${source.path}/`)) throw new FileProblem('EINVAL')
    this.#require(source.parent, writable)
    this.#require(target.parent, writable)
    source.parent.entries.delete(source.name)
    target.parent.entries.set(target.name, node)
    touch(source.parent)
    touch(target.parent)
  }

  link(existingPath: string, path: string): void {
    const node = this.get(existingPath, 'keep')
    if (node.type === 'directory') throw new FileProblem('EACCES')
    this.#add(this.locate(path, 'keep'), node)
  }

  makeSymlink(target: string, path: string): void {
    if (target === '') throw new FileProblem('ENOENT')
    this.#add(this.locate(path, 'keep'), new SymbolicLink(target))
  }

  /** Puts a node there, whatever is there and whatever the permissions, with the directories above. */
  put(path: string, node: FileNode): void {
    this.asRoot(() => {
      let above = ''
      for (const name of partsOf(path).slice(0, -1)) {
        above += `/${name}`
        if (this.locate(above, 'follow').node === undefined) this.makeDirectory(above)
      }
      const { parent, name } = this.locate(path, 'keep')
      if (name === '') throw new FileProblem('EEXIST')
      parent.entries.set(name, node)
    })
  }

  /** Every node at and below the path, with its path, directories before what is in them. */
  *walk(path: string): Generator<readonly [path: string, node: FileNode]> {
    const top = this.locate(path, 'keep')
    const todo: (readonly [string, FileNode])[] = [[top.path, existing(top)]]
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      yield next
      const [above, node] = next
      if (node.type !== 'directory') continue
      const prefix = above === '/' ? above : `${above}/`
      const below = [...node.entries].map(([name, entry]) => [`${prefix}${name}`, entry] as const)
      todo.push(...below.reverse())
    }
  }

  #add({ parent, name, node }: Place, made: FileNode): void {
    if (node !== undefined) throw new FileProblem('EEXIST')
    this.#require(parent, writable)
    parent.entries.set(name, made)
    touch(parent)
  }

  #remove({ parent, name }: Place): void {
    this.#require(parent, writable)
    parent.entries.delete(name)
    touch(parent)
  }

  #require({ attributes }: FileNode, right: number): void {
    if (this.#checksPermissions && (attributes.mode & right) === 0) throw new FileProblem('EACCES')
  }
}

function partsOf(path: string): string[] {
  return (path.startsWith('/') ? path : `${homePath}/${path}`).split('/').slice(1)
}

function existing({ node }: Place): FileNode {
  if (node === undefined) throw new FileProblem('ENOENT')
  return node
}

/** As rename(2). */
function checkReplacement(node: FileNode, old: FileNode): void {
  if (old.type !== 'directory') {
    if (node.type === 'directory') throw new FileProblem('ENOTDIR')
  } else if (node.type !== 'directory') throw new FileProblem('EISDIR')
  else if (old.entries.size > 0) throw new FileProblem('ENOTEMPTY')
}

function touch({ attributes }: Directory): void {
  attributes.modifiedAt = Date.now()
}
