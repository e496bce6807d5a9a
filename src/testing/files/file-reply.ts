// What the file server answers, before it is a packet. Names are binary strings here.

import { type Attributes, writeAttributes } from '../../sftp/protocol/attributes.js'
import { message, status } from '../../sftp/protocol/numbers.js'
import { PacketWriter } from '../../sftp/protocol/packet-writer.js'
import { namesPacket, statusPacket } from '../../sftp/protocol/replies.js'
import { attributesOf, longName } from './file-attributes.js'
import type { FileNode } from './file-node.js'
import type { FileProblem } from './file-problem.js'

export type FileReply =
  | { readonly status: number; readonly text?: string }
  | { readonly handle: Buffer }
  | { readonly data: Buffer }
  | { readonly names: readonly (readonly [name: string, node: FileNode])[] }
  /** One name without attributes. */
  | { readonly path: string }
  | { readonly attributes: Attributes }
  | { readonly extended: readonly number[] }

/** The words of OpenSSH's server. */
const statusTexts: Readonly<Record<number, string>> = {
  [status.ok]: 'Success',
  [status.eof]: 'End of file',
  [status.noSuchFile]: 'No such file',
  [status.permissionDenied]: 'Permission denied',
  [status.failure]: 'Failure',
  [status.badMessage]: 'Bad message',
  [status.unsupported]: 'Operation unsupported',
}

export function replyPacket(id: number, reply: FileReply): Buffer {
  if ('status' in reply) {
    return statusPacket(id, { code: reply.status, text: reply.text ?? statusTexts[reply.status] ?? '' })
  }
  if ('handle' in reply) return new PacketWriter(message.handle).uint32(id).string(reply.handle).packet()
  if ('data' in reply) return new PacketWriter(message.data).uint32(id).string(reply.data).packet()
  if ('path' in reply) {
    const name = Buffer.from(reply.path, 'latin1')
    return namesPacket(id, [{ name, longName: name, attributes: {} }])
  }
  if ('attributes' in reply) {
    return writeAttributes(new PacketWriter(message.attributes).uint32(id), reply.attributes).packet()
  }
  if ('extended' in reply) {
    const writer = new PacketWriter(message.extendedReply).uint32(id)
    for (const value of reply.extended) writer.uint64(value)
    return writer.packet()
  }
  const entries = reply.names.map(([name, node]) => ({
    name: Buffer.from(name, 'latin1'),
    longName: Buffer.from(longName(name, node), 'latin1'),
    attributes: attributesOf(node),
  }))
  return namesPacket(id, entries)
}

/** Which status a problem is, as OpenSSH's server has it. It says no more than `Failure`; this one says why. */
export function problemReply({ code, message: text }: FileProblem): FileReply {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EBADF':
    case 'ELOOP':
      return { status: status.noSuchFile }
    case 'EACCES':
      return { status: status.permissionDenied }
    case 'ENAMETOOLONG':
    case 'EINVAL':
      return { status: status.badMessage }
    case 'ENOSYS':
      return { status: status.unsupported }
    default:
      return { status: status.failure, text }
  }
}
