// The fields of the replies (draft-ietf-secsh-filexfer-02, 7), behind the request's id: for the side that reads them
// and for the one that writes them.

import { type Attributes, readAttributes, writeAttributes } from './attributes.js'
import { brokenProtocol } from './broken.js'
import type { FieldReader } from './field-reader.js'
import { message } from './numbers.js'
import { PacketWriter } from './packet-writer.js'

/** SSH_FXP_STATUS. */
export interface StatusReply {
  readonly code: number
  /** The server's own words, as they came. */
  readonly text: string
}

/** One entry of SSH_FXP_NAME. */
export interface NameEntry {
  /** The very bytes of the name. */
  readonly name: Buffer
  /** A line like one of `ls -l`, for people. */
  readonly longName: Buffer
  readonly attributes: Attributes
}

/** The text may be missing, as with servers of older versions. */
export function readStatus(fields: FieldReader): StatusReply {
  const code = fields.uint32()
  return { code, text: fields.left === 0 ? '' : fields.text() }
}

export function statusPacket(id: number, { code, text }: StatusReply): Buffer {
  return new PacketWriter(message.status).uint32(id).uint32(code).string(text).string('en').packet()
}

// The fewest bytes of an entry: two lengths and the flags.
const leastEntryBytes = 12

export function readNames(fields: FieldReader): readonly NameEntry[] {
  const count = fields.uint32()
  if (count * leastEntryBytes > fields.left) throw brokenProtocol('sent fewer names than it said')
  return Array.from({ length: count }, () => ({
    name: fields.string(),
    longName: fields.string(),
    attributes: readAttributes(fields),
  }))
}

export function namesPacket(id: number, entries: readonly NameEntry[]): Buffer {
  const writer = new PacketWriter(message.name).uint32(id).uint32(entries.length)
  for (const { name, longName, attributes } of entries) {
    writeAttributes(writer.string(name).string(longName), attributes)
  }
  return writer.packet()
}
