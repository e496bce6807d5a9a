// A whole file in memory, up to a limit.

import { SftpError } from '../errors.js'
import { callOptionNames, checkCallOptions, checkCount, checkNames } from '../option-check.js'
import { withCall } from './call.js'
import { openFile } from './open-file.js'
import type { Peer } from './peer.js'
import { pipelinedRead } from './pipelined-read.js'
import type { ReadFileOptions, RemotePath } from './sftp.js'

export async function readWhole(peer: Peer, path: RemotePath, options: ReadFileOptions): Promise<Buffer> {
  checkNames(options, { ...callOptionNames, maxBytes: true })
  const { maxBytes = 64 * 1024 * 1024, ...call } = options
  checkCallOptions(call)
  checkCount('maxBytes', maxBytes)
  return withCall(call, peer.hop, async (signal) => {
    const file = await openFile(peer, path, { flags: 'r', mode: undefined, signal })
    const parts: Buffer[] = []
    let length = 0
    try {
      for await (const part of pipelinedRead(file, { signal })) {
        length += part.length
        if (length > maxBytes) {
          const what = `could not read ${file.path}: it has more than ${maxBytes} bytes`
          throw new SftpError('OUTPUT_LIMIT', what, { hop: peer.hop, path: file.path })
        }
        parts.push(part)
      }
    } finally {
      // What was read is right whatever the server says of the end.
      file.close().catch(() => {})
    }
    return Buffer.concat(parts, length)
  })
}
