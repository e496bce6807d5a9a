// THE table of the file server: what each request of SFTP version 3 does, as OpenSSH's server does it.

import { readAttributes } from '../../sftp/protocol/attributes.js'
import type { FieldReader } from '../../sftp/protocol/field-reader.js'
import { message, openFlag, status } from '../../sftp/protocol/numbers.js'
import type { FileFaults } from '../faults.js'
import { attributesOf, setAttributes } from './file-attributes.js'
import type { FileNode } from './file-node.js'
import { FileProblem } from './file-problem.js'
import type { FileReply } from './file-reply.js'
import type { FileTree } from './file-tree.js'
import type { OpenHandles } from './open-handles.js'

/** What a request is answered from. */
export interface FileRoom {
  readonly tree: FileTree
  readonly handles: OpenHandles
  readonly faults: FileFaults
}

/** Answers the fields behind the request's id. Throws a {@link FileProblem} for what cannot be done. */
export type FileRequest = (fields: FieldReader, room: FileRoom) => FileReply

/** The most that OpenSSH's server gives or takes in one READ or WRITE. */
export const longestData = 255 * 1024
/** OpenSSH's server tells a hundred names at once. */
const namesAtOnce = 100

/** By the type of the message; extended requests have a table of their own. */
export const fileRequests: ReadonlyMap<number, FileRequest> = new Map<number, FileRequest>([
  [message.open, open],
  [message.close, doing((fields, { handles }) => handles.close(fields.string()))],
  [message.read, read],
  [message.write, doing(write)],
  [message.lstat, (fields, { tree }) => ({ attributes: attributesOf(tree.get(path(fields), 'keep')) })],
  [message.stat, (fields, { tree }) => ({ attributes: attributesOf(tree.get(path(fields), 'follow')) })],
  [message.fstat, (fields, room) => ({ attributes: attributesOf(opened(fields, room)) })],
  [message.setstat, doing((fields, { tree }) => change(tree.get(path(fields), 'follow'), fields))],
  [message.fsetstat, doing((fields, room) => change(opened(fields, room), fields))],
  [message.opendir, openDirectory],
  [message.readdir, readDirectory],
  [message.remove, doing((fields, { tree }) => tree.removeFile(path(fields)))],
  [message.mkdir, doing((fields, { tree }) => tree.makeDirectory(path(fields), readAttributes(fields).mode))],
  [message.rmdir, doing((fields, { tree }) => tree.removeDirectory(path(fields)))],
  [message.realpath, (fields, { tree }) => ({ path: tree.locate(path(fields), 'follow').path })],
  [message.rename, doing((fields, { tree }) => tree.rename(path(fields), path(fields), 'fail'))],
  [message.readlink, readLink],
  // The target comes first, as OpenSSH has it, and not as in the draft (PROTOCOL of OpenSSH, 4.1).
  [message.symlink, doing((fields, { tree }) => tree.makeSymlink(path(fields), path(fields)))],
])

/** A request that is answered by a status alone. */
export function doing(work: (fields: FieldReader, room: FileRoom) => void): FileRequest {
  return (fields, room) => {
    work(fields, room)
    return { status: status.ok }
  }
}

export function path(fields: FieldReader): string {
  const name = fields.string().toString('latin1')
  if (name.includes('\0')) throw new FileProblem('ENOENT')
  return name
}

export function change(node: FileNode, fields: FieldReader): void {
  setAttributes(node, readAttributes(fields))
}

function opened(fields: FieldReader, { handles }: FileRoom): FileNode {
  const entry = handles.get(fields.string())
  return 'file' in entry ? entry.file : entry.directory
}

function open(fields: FieldReader, { tree, handles }: FileRoom): FileReply {
  const name = path(fields)
  const flags = fields.uint32()
  const { mode = 0o666 } = readAttributes(fields)
  const has = (flag: number): boolean => (flags & flag) !== 0
  const reads = has(openFlag.read)
  const writes = has(openFlag.write)
  const file = tree.open(name, {
    reads,
    writes,
    creates: has(openFlag.create) ? mode & 0o7777 : undefined,
    truncates: has(openFlag.truncate),
    onlyNew: has(openFlag.exclusive),
  })
  return { handle: handles.add({ file, reads, writes, appends: has(openFlag.append) }) }
}

function read(fields: FieldReader, { handles, faults }: FileRoom): FileReply {
  const { file, reads } = handles.file(fields.string())
  if (!reads) throw new FileProblem('EBADF')
  const position = fields.uint64()
  const length = Math.min(fields.uint32(), longestData, faults.readAtMostBytes ?? longestData)
  const data = file.read(position, length)
  return data.length === 0 && length > 0 ? { status: status.eof } : { data }
}

function write(fields: FieldReader, { tree, handles, faults }: FileRoom): void {
  const { file, writes, appends } = handles.file(fields.string())
  if (!writes) throw new FileProblem('EBADF')
  const given = fields.uint64()
  const data = fields.string()
  const position = appends ? file.size : given
  const growth = position + data.length - file.size
  if (faults.diskBytes !== undefined && growth > 0 && tree.usedBytes + growth > faults.diskBytes) {
    throw new FileProblem('ENOSPC')
  }
  file.write(position, data)
}

function openDirectory(fields: FieldReader, { tree, handles }: FileRoom): FileReply {
  const place = tree.locate(path(fields), 'follow')
  const directory = tree.list(place.path)
  const own = [
    ['.', directory],
    ['..', place.parent],
  ] as const
  return { handle: handles.add({ directory, entries: [...own, ...directory.entries] }) }
}

function readDirectory(fields: FieldReader, { handles }: FileRoom): FileReply {
  const names = handles.directory(fields.string()).entries.splice(0, namesAtOnce)
  return names.length === 0 ? { status: status.eof } : { names }
}

function readLink(fields: FieldReader, { tree }: FileRoom): FileReply {
  const node = tree.get(path(fields), 'keep')
  if (node.type !== 'symlink') throw new FileProblem('EINVAL')
  return { path: node.target }
}
