// A file of the server, written in place from memory.

import { callOptionNames, checkCallOptions, checkNames } from '../option-check.js'
import { withCall } from './call.js'
import { checkMode } from './file-stats.js'
import { openFile } from './open-file.js'
import type { Peer } from './peer.js'
import { pipelinedWrite } from './pipelined-write.js'
import type { OpenFileOptions, RemotePath } from './sftp.js'

/** The bytes must not change before it is done. */
export async function writeWhole(
  peer: Peer,
  what: { readonly path: RemotePath; readonly data: string | Uint8Array },
  options: OpenFileOptions,
): Promise<void> {
  checkNames(options, { ...callOptionNames, mode: true })
  const { mode, ...call } = options
  checkMode(mode)
  checkCallOptions(call)
  const isBytes = what.data instanceof Uint8Array
  if (!isBytes && typeof what.data !== 'string') throw new TypeError('data: must be text or bytes')
  const data = typeof what.data === 'string' ? Buffer.from(what.data) : what.data
  return withCall(call, peer.hop, async (signal) => {
    const file = await openFile(peer, what.path, { flags: 'w', mode, signal })
    try {
      await pipelinedWrite(file, [data], { signal })
    } catch (error) {
      file.close().catch(() => {})
      throw error
    }
    // Some file systems tell only now that the disk is full.
    await file.close({ signal })
  })
}
