// How much the server takes at once: `limits@openssh.com` (PROTOCOL of OpenSSH, 4.8), or what all servers should take.

import type { Request } from './conversation.js'
import type { FieldReader } from './protocol/field-reader.js'
import { defaultDataBytes, extension, maxPacketBytes, message } from './protocol/numbers.js'

export interface Limits {
  /** The most bytes of one SSH_FXP_READ and of one SSH_FXP_WRITE. */
  readonly readBytes: number
  readonly writeBytes: number
  /** How many files and directories may be open at once. */
  readonly handles: number
}

export const defaultLimits: Limits = {
  readBytes: defaultDataBytes,
  writeBytes: defaultDataBytes,
  handles: Number.POSITIVE_INFINITY,
}

// Around the data of a READ's reply, and of a WRITE with its handle of at most 256 bytes.
const aroundReadBytes = 9
const aroundWriteBytes = 512

/** What a server says that has the extension; a refusal leaves the defaults. */
export const limitsRequest: Request<Limits> = {
  type: message.extended,
  write: (writer) => writer.string(extension.limits),
  reply: message.extendedReply,
  read: readLimits,
  onStatus: () => defaultLimits,
}

// Zero is no limit. More than this side takes in one packet is of no use.
function readLimits(fields: FieldReader): Limits {
  const packet = fields.limit64() || maxPacketBytes
  const [read, write, handles] = [fields.limit64(), fields.limit64(), fields.limit64()]
  const within = (given: number, around: number): number =>
    Math.max(1, Math.min(given || defaultDataBytes, 256 * 1024, Math.min(packet, maxPacketBytes) - around))
  return {
    readBytes: within(read, aroundReadBytes),
    writeBytes: within(write, aroundWriteBytes),
    handles: handles || Number.POSITIVE_INFINITY,
  }
}
