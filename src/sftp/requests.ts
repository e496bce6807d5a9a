// The requests of a client (draft-ietf-secsh-filexfer-02, 6, and the extensions of OpenSSH), each with what its reply
// is read into. Who sends them, and when, is for others.

import type { Request } from './conversation.js'
import { type Attributes, readAttributes, writeAttributes } from './protocol/attributes.js'
import { brokenProtocol } from './protocol/broken.js'
import type { FieldReader } from './protocol/field-reader.js'
import { type extension, message, status } from './protocol/numbers.js'
import type { PacketWriter } from './protocol/packet-writer.js'
import { type NameEntry, readNames, type StatusReply } from './protocol/replies.js'
import { type Deed, statusError } from './status-error.js'

type Write = (writer: PacketWriter) => unknown
type Late<T> = (value: T | undefined) => void

/** A request that a status alone answers. */
export function command(deed: Deed, type: number, write: Write): Request<void> {
  return {
    type,
    write,
    reply: message.status,
    read: () => {},
    onStatus: (reply) => {
      if (reply.code !== status.ok) throw statusError(deed, reply)
    },
  }
}

/** A request for an open file or directory. A handle that comes too late goes to `onLate`. */
export function handleRequest(
  deed: Deed,
  request: { readonly type: number; readonly write: Write; readonly onLate: Late<Buffer> },
): Request<Buffer> {
  return { ...request, reply: message.handle, read: readHandle, onStatus: refusal(deed) }
}

export function attributesRequest(deed: Deed, type: number, of: Buffer): Request<Attributes> {
  return {
    type,
    write: (writer) => writer.string(of),
    reply: message.attributes,
    read: readAttributes,
    onStatus: refusal(deed),
  }
}

/** A request that one name answers. */
export function nameRequest(deed: Deed, type: number, write: Write): Request<Buffer> {
  return { type, write, reply: message.name, read: readOneName, onStatus: refusal(deed) }
}

/** The next entries of a directory; `undefined` behind the last. */
export function readdirRequest(deed: Deed, handle: Buffer): Request<readonly NameEntry[] | undefined> {
  return {
    type: message.readdir,
    write: (writer) => writer.string(handle),
    reply: message.name,
    read: readNames,
    onStatus: unlessAtEnd(deed),
  }
}

/** At most `length` bytes; `undefined` at the end of the file. A server may give fewer before it. */
export function readRequest(
  deed: Deed,
  {
    handle,
    position,
    length,
  }: { readonly handle: Buffer; readonly position: number; readonly length: number },
): Request<Buffer | undefined> {
  return {
    type: message.read,
    write: (writer) => writer.string(handle).uint64(position).uint32(length),
    reply: message.data,
    read: (fields) => {
      const data = fields.string()
      if (data.length > length) throw brokenProtocol('sent more of a file than was asked for')
      return data.length === 0 ? undefined : data
    },
    onStatus: unlessAtEnd(deed),
  }
}

/** The data are not copied. */
export function writeRequest(
  deed: Deed,
  {
    handle,
    position,
    data,
  }: { readonly handle: Buffer; readonly position: number; readonly data: Uint8Array },
): Request<void> {
  return {
    ...command(deed, message.write, (writer) => writer.string(handle).uint64(position)),
    data,
  }
}

/** SSH_FXP_OPEN, SSH_FXP_MKDIR, SSH_FXP_SETSTAT: a path, and attributes after what `flags` has. */
export function withAttributes(path: Buffer, attributes: Attributes, flags?: number): Write {
  return (writer) => {
    writer.string(path)
    if (flags !== undefined) writer.uint32(flags)
    writeAttributes(writer, attributes)
  }
}

/** An extended request that a status alone answers. */
export function extendedCommand(deed: Deed, name: ValueOf<typeof extension>, write: Write): Request<void> {
  return command(deed, message.extended, (writer) => write(writer.string(name)))
}

type ValueOf<T> = T[keyof T]

function refusal(deed: Deed): (reply: StatusReply) => never {
  return (reply) => {
    throw statusError(deed, reply)
  }
}

function unlessAtEnd(deed: Deed): (reply: StatusReply) => undefined {
  return (reply) => {
    if (reply.code !== status.eof) throw statusError(deed, reply)
    return undefined
  }
}

// The handle outlives the packet, of which it is a small part.
function readHandle(fields: FieldReader): Buffer {
  const handle = fields.string()
  if (handle.length > 256) throw brokenProtocol('sent a handle of more than 256 bytes')
  return Buffer.from(handle)
}

function readOneName(fields: FieldReader): Buffer {
  const [entry, ...others] = readNames(fields)
  if (entry === undefined || others.length > 0) throw brokenProtocol('sent another number of names than one')
  return Buffer.from(entry.name)
}
