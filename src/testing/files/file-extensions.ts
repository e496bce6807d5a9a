// The extensions of the file server, as OpenSSH's server offers them (PROTOCOL of OpenSSH, 4).

import type { FieldReader } from '../../sftp/protocol/field-reader.js'
import { extension, maxPacketBytes } from '../../sftp/protocol/numbers.js'
import { FileProblem } from './file-problem.js'
import type { FileReply } from './file-reply.js'
import { change, doing, type FileRequest, type FileRoom, longestData, path } from './file-requests.js'
import { mostHandles } from './open-handles.js'

/** By name. */
const requests: ReadonlyMap<string, FileRequest> = new Map([
  [extension.posixRename, doing((fields, { tree }) => tree.rename(path(fields), path(fields), 'replace'))],
  [extension.hardLink, doing((fields, { tree }) => tree.link(path(fields), path(fields)))],
  [extension.fsync, doing((fields, { handles }) => void handles.file(fields.string()))],
  [extension.lsetstat, doing((fields, { tree }) => change(tree.get(path(fields), 'keep'), fields))],
  [
    extension.limits,
    // The longest packet, and data to read and to write at once; then open handles.
    () => ({ extended: [maxPacketBytes - 1024, longestData, longestData, mostHandles] }),
  ],
])

/** Names and versions, for the server's first message. */
export const offeredExtensions: ReadonlyMap<string, string> = new Map(
  [...requests.keys()].map((name) => [name, '1']),
)

/** Answers an extended request. */
export function extendedRequest(fields: FieldReader, room: FileRoom): FileReply {
  const request = room.faults.extensions === 'none' ? undefined : requests.get(fields.text())
  if (request === undefined) throw new FileProblem('ENOSYS')
  return request(fields, room)
}
