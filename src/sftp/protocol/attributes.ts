// The attributes of a file on the wire (draft-ietf-secsh-filexfer-02, 5). What is not there is not sent.

import { brokenProtocol } from './broken.js'
import type { FieldReader } from './field-reader.js'
import { attributeFlag } from './numbers.js'
import type { PacketWriter } from './packet-writer.js'

export interface Attributes {
  /** Bytes, at most 2^53 - 1. */
  readonly size?: number | undefined
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** `st_mode`: the permissions, and in answers of most servers the type. */
  readonly mode?: number | undefined
  /** Seconds since 1970, as 32 bits without a sign. */
  readonly times?: { readonly accessed: number; readonly modified: number } | undefined
}

/** Extended pairs are passed over. Throws PROTOCOL_ERROR for flags that version 3 does not have. */
export function readAttributes(fields: FieldReader): Attributes {
  const flags = fields.uint32()
  const { size, owner, mode, times, extended } = attributeFlag
  if ((flags & ~(size | owner | mode | times | extended)) !== 0) {
    throw brokenProtocol('sent attributes that SFTP version 3 does not have')
  }
  const read = {
    ...((flags & size) !== 0 && { size: fields.uint64() }),
    ...((flags & owner) !== 0 && { owner: { uid: fields.uint32(), gid: fields.uint32() } }),
    ...((flags & mode) !== 0 && { mode: fields.uint32() }),
    ...((flags & times) !== 0 && { times: { accessed: fields.uint32(), modified: fields.uint32() } }),
  }
  if ((flags & extended) === 0) return read
  for (let left = fields.uint32(); left > 0; left--) {
    fields.string()
    fields.string()
  }
  return read
}

export function writeAttributes(writer: PacketWriter, attributes: Attributes): PacketWriter {
  const { size, owner, mode, times } = attributes
  writer.uint32(
    (size === undefined ? 0 : attributeFlag.size) |
      (owner === undefined ? 0 : attributeFlag.owner) |
      (mode === undefined ? 0 : attributeFlag.mode) |
      (times === undefined ? 0 : attributeFlag.times),
  )
  if (size !== undefined) writer.uint64(size)
  if (owner !== undefined) writer.uint32(owner.uid).uint32(owner.gid)
  if (mode !== undefined) writer.uint32(mode)
  if (times !== undefined) writer.uint32(times.accessed).uint32(times.modified)
  return writer
}
