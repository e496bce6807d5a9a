// One session of SFTP version 3 (draft-ietf-secsh-filexfer-02) with the files of an embedded host.
// Requests are done one after the other, as they come; only a fault sends their answers in another order.

import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { message, protocolVersion } from '../../sftp/protocol/numbers.js'
import { type Packet, PacketReader } from '../../sftp/protocol/packet-reader.js'
import { versionPacket } from '../../sftp/protocol/version.js'
import type { FileFaults } from '../faults.js'
import { extendedRequest, offeredExtensions } from './file-extensions.js'
import { FileProblem } from './file-problem.js'
import { type FileReply, problemReply, replyPacket } from './file-reply.js'
import { type FileRoom, fileRequests } from './file-requests.js'
import type { FileTree } from './file-tree.js'
import { OpenHandles } from './open-handles.js'
import { ReplyQueue } from './reply-queue.js'

export interface FileServerOptions {
  readonly tree: FileTree
  readonly faults: () => FileFaults
  readonly stdin: Readable
  readonly stdout: Writable
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Serves until the client ends the stream. Rejects for what is not SFTP, as OpenSSH's server ends with an error. */
export async function serveFiles({ tree, faults, stdin, stdout, signal }: FileServerOptions): Promise<void> {
  const reader = new PacketReader()
  const handles = new OpenHandles()
  using replies = new ReplyQueue(stdout, signal)
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    const { replyDelayMs } = faults()
    if (replyDelayMs !== undefined) await delay(replyDelayMs, undefined, { signal })
    for (const packet of reader.read(chunk)) {
      const room: FileRoom = { tree, handles, faults: faults() }
      await replies.send(answer(packet, room), room.faults.replies ?? 'in order')
    }
  }
  await replies.flush()
}

/** The packet that answers a request. Throws for what is not SFTP. */
export function answer({ type, fields }: Packet, room: FileRoom): Buffer {
  if (type === message.init) {
    const extensions = room.faults.extensions === 'none' ? new Map<string, string>() : offeredExtensions
    return versionPacket({ version: protocolVersion, extensions })
  }
  const id = fields.uint32()
  return replyPacket(id, reply({ type, fields }, room))
}

function reply({ type, fields }: Packet, room: FileRoom): FileReply {
  const request = type === message.extended ? extendedRequest : fileRequests.get(type)
  try {
    if (request === undefined) throw new FileProblem('ENOSYS')
    return request(fields, room)
  } catch (error) {
    if (error instanceof FileProblem) return problemReply(error)
    throw error
  }
}
