// A script for a file server that has whatever tree a test says, however impossible: each of its files holds `evil`.

import { message, status } from '../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../src/sftp/protocol/packet-writer.js'
import { dataReply, namesReply, type SftpRequest, type SftpScript, statusReply } from './scripted-sftp.js'

export const directoryMode = 0o040_755
export const fileMode = 0o100_644
export const linkMode = 0o120_777

export interface ImpossibleTree {
  /** What a directory is said to have. Asked anew for each READDIR until it gives nothing. */
  readonly list: (path: string, alreadyListed: number) => readonly (readonly [string | Buffer, number])[]
  /** The mode that STAT, LSTAT and FSTAT say. Default: a directory for `folder`, and a file for all else. */
  readonly mode?: (path: string, type: number) => number
  /** What symbolic links say. */
  readonly target?: string
  /** Default: the path itself, below `/`. */
  readonly realpath?: (path: string) => string
}

/** Answers all that a download asks for; the rest is honest. */
export function treeScript(tree: ImpossibleTree): SftpScript {
  const listed = new Map<string, number>()
  const mode = (path: string, type: number): number =>
    tree.mode?.(path, type) ?? (path.endsWith('folder') ? directoryMode : fileMode)
  return (request) => {
    const { type, about: path } = request
    switch (type) {
      case message.stat:
      case message.lstat:
      case message.fstat:
        return new PacketWriter(message.attributes)
          .uint32(request.id)
          .uint32(5)
          .uint64(4)
          .uint32(mode(path, type))
          .packet()
      case message.open:
      case message.opendir:
        listed.delete(path)
        return new PacketWriter(message.handle).uint32(request.id).string(path).packet()
      case message.readdir: {
        const before = listed.get(path) ?? 0
        const entries = tree.list(path, before)
        listed.set(path, before + entries.length)
        return entries.length === 0 ? statusReply(request, status.eof) : namesReply(request, entries)
      }
      case message.read:
        return isFromStart(request) ? dataReply(request, 'evil') : statusReply(request, status.eof)
      case message.close:
        return statusReply(request, status.ok)
      case message.realpath:
        return namesReply(request, [[tree.realpath?.(path) ?? `/${path}`, 0]])
      case message.readlink:
        return namesReply(request, [[tree.target ?? 'nowhere', 0]])
      default:
        return request.honest()
    }
  }
}

/** A directory whose entries come in one piece. */
export function once(entries: readonly (readonly [string | Buffer, number])[]): ImpossibleTree['list'] {
  return (path, alreadyListed) => (alreadyListed === 0 && path.endsWith('folder') ? entries : [])
}

function isFromStart(request: SftpRequest): boolean {
  const fields = request.fields()
  fields.string()
  return fields.uint64() === 0
}
