// The attributes of a node as the protocol has them, both ways, and the line of `ls -l` for it.

import type { Attributes } from '../../sftp/protocol/attributes.js'
import { fileTypeBits } from '../../sftp/protocol/numbers.js'
import type { FileNode } from './file-node.js'

const typeBits: Readonly<Record<FileNode['type'], number>> = {
  file: fileTypeBits.file,
  directory: fileTypeBits.directory,
  symlink: fileTypeBits.symlink,
  fifo: fileTypeBits.fifo,
  socket: fileTypeBits.socket,
  'block device': fileTypeBits.blockDevice,
  'character device': fileTypeBits.characterDevice,
}

export function attributesOf({ type, size, attributes }: FileNode): Attributes {
  const { mode, uid, gid, accessedAt, modifiedAt } = attributes
  return {
    size,
    owner: { uid, gid },
    mode: typeBits[type] | mode,
    times: { accessed: Math.floor(accessedAt / 1000), modified: Math.floor(modifiedAt / 1000) },
  }
}

/** Size first, as OpenSSH's server does, because it changes the time. Sizes of other things than files are ignored. */
export function setAttributes(node: FileNode, { size, owner, mode, times }: Attributes): void {
  if (size !== undefined && node.type === 'file') node.resize(size)
  const { attributes } = node
  if (mode !== undefined) attributes.mode = mode & 0o7777
  if (times !== undefined) {
    attributes.accessedAt = times.accessed * 1000
    attributes.modifiedAt = times.modified * 1000
  }
  if (owner !== undefined) Object.assign(attributes, owner)
}

const typeLetters: Readonly<Record<FileNode['type'], string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  'block device': 'b',
  'character device': 'c',
}

/** For people; names are binary strings. */
export function longName(name: string, { type, size, attributes }: FileNode): string {
  const { mode, uid, gid, modifiedAt } = attributes
  const rights = [6, 3, 0]
    .flatMap((shift) => ['r', 'w', 'x'].map((letter, bit) => ((mode >> shift) & (4 >> bit) ? letter : '-')))
    .join('')
  const day = new Date(modifiedAt).toISOString().slice(0, 10)
  return `${typeLetters[type]}${rights}  1 ${uid} ${gid} ${String(size).padStart(8)} ${day} ${name}`
}
