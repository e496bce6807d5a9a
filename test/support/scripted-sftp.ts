// A file server for hosts of the embedded network that breaks the protocol as a test wants it: for what no honest server
// sends. The script sees each request, and may ask what an honest server would have answered.

import { once } from 'node:events'
import { FieldReader } from '../../src/sftp/protocol/field-reader.js'
import { message } from '../../src/sftp/protocol/numbers.js'
import { PacketWriter } from '../../src/sftp/protocol/packet-writer.js'
import { namesPacket, statusPacket } from '../../src/sftp/protocol/replies.js'
import { answer } from '../../src/testing/files/file-server.js'
import { DescribedFiles } from '../../src/testing/files/host-files.js'
import { OpenHandles } from '../../src/testing/files/open-handles.js'
import type { CommandProgram, FileTreeDescription } from '../../src/testing/index.js'

/** One request of the client. */
export interface SftpRequest {
  /** One of the numbers in `message`. */
  readonly type: number
  /** 0 for the first message, which has none. */
  readonly id: number
  /** The first field, as text: the path or the handle. */
  readonly about: string
  /** The fields behind the id, from the first. */
  fields(): FieldReader
  /** What an honest server answers. Asked once at most, because it does what was asked for. */
  honest(): Buffer
}

/** What to send for a request; `[]` is nothing at all. Paused while the client does not read. */
export type SftpScript = (request: SftpRequest) => Buffer | readonly Buffer[]

export interface ScriptedSftp {
  /** For `subsystems: { sftp: … }`. */
  readonly program: CommandProgram
  /** Everything that was asked for so far, by every client. */
  readonly requests: readonly SftpRequest[]
  /** What is done from now on. The default is honest. */
  script: SftpScript
}

/** A server with these files. */
export function scriptedSftp(files: FileTreeDescription = {}): ScriptedSftp {
  const requests: SftpRequest[] = []
  const { tree } = new DescribedFiles(files)
  const scripted = {
    requests,
    script: (request: SftpRequest): Buffer | readonly Buffer[] => request.honest(),
    program: (async (_name, { stdin, stdout, signal }) => {
      const room = { tree, handles: new OpenHandles(), faults: {} }
      let bytes = Buffer.alloc(0)
      for await (const chunk of stdin as AsyncIterable<Buffer>) {
        bytes = Buffer.concat([bytes, chunk])
        while (bytes.length > 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
          const body = bytes.subarray(4, 4 + bytes.readUInt32BE(0))
          bytes = bytes.subarray(4 + body.length)
          const request = requestOf(body, (packet) => answer(packet, room))
          requests.push(request)
          const reply = scripted.script(request)
          for (const packet of Array.isArray(reply) ? reply : [reply]) {
            if (!stdout.write(packet)) await once(stdout, 'drain', { signal })
          }
        }
      }
      return 0
    }) satisfies CommandProgram,
  }
  return scripted
}

function requestOf(
  body: Buffer,
  honest: (packet: { readonly type: number; readonly fields: FieldReader }) => Buffer,
): SftpRequest {
  const type = body.readUInt8(0)
  const hasId = type !== message.init
  const fields = (): FieldReader => new FieldReader(body.subarray(hasId ? 5 : 1))
  return {
    type,
    id: hasId ? body.readUInt32BE(1) : 0,
    about: hasId ? fields().text() : '',
    fields,
    honest: () => honest({ type, fields: new FieldReader(body.subarray(1)) }),
  }
}

/** A packet that says another id. */
export function withId(packet: Buffer, id: number): Buffer {
  const changed = Buffer.from(packet)
  changed.writeUInt32BE(id, 5)
  return changed
}

export function statusReply({ id }: SftpRequest, code: number, text = ''): Buffer {
  return statusPacket(id, { code, text })
}

export function dataReply({ id }: SftpRequest, data: string | Buffer): Buffer {
  return new PacketWriter(message.data).uint32(id).string(data).packet()
}

/** Names with the `st_mode` that they are said to have. */
export function namesReply(
  { id }: SftpRequest,
  entries: readonly (readonly [name: string | Buffer, mode: number])[],
): Buffer {
  return namesPacket(
    id,
    entries.map(([name, mode]) => ({
      name: Buffer.from(name),
      longName: Buffer.alloc(0),
      attributes: { mode, size: 4 },
    })),
  )
}
