// The first message of each side (draft-ietf-secsh-filexfer-02, 4): the version and, from the server, the extensions.

import type { FieldReader } from './field-reader.js'
import { message, protocolVersion } from './numbers.js'
import { PacketWriter } from './packet-writer.js'

export interface VersionReply {
  readonly version: number
  /** Names with their data, which is mostly a version. */
  readonly extensions: ReadonlyMap<string, string>
}

export function initPacket(): Buffer {
  return new PacketWriter(message.init).uint32(protocolVersion).packet()
}

export function versionPacket({ version, extensions }: VersionReply): Buffer {
  const writer = new PacketWriter(message.version).uint32(version)
  for (const [name, data] of extensions) writer.string(name).string(data)
  return writer.packet()
}

/** Reads what follows the type of SSH_FXP_VERSION, and as well of SSH_FXP_INIT. */
export function readVersion(fields: FieldReader): VersionReply {
  const version = fields.uint32()
  const extensions = new Map<string, string>()
  while (fields.left > 0) extensions.set(fields.text(), fields.text())
  return { version, extensions }
}
