// Opens a file of the server.

import { interruptible } from '../interruptible.js'
import { checkOption } from '../option-check.js'
import { openHandle } from './open-handle.js'
import type { Peer } from './peer.js'
import { message, openFlag } from './protocol/numbers.js'
import { RemoteFile } from './remote-file.js'
import { pathBytes, shownPath } from './remote-path.js'
import { withAttributes } from './requests.js'
import type { OpenFlags, RemotePath } from './sftp.js'

const { read, write, append, create, truncate, exclusive } = openFlag

const bits: Readonly<Record<OpenFlags, number>> = {
  r: read,
  w: write | create | truncate,
  wx: write | create | truncate | exclusive,
  'r+': read | write,
  a: write | create | append,
}

/** Throws TypeError for flags that there are not. The caller closes the file. */
export async function openFile(
  peer: Peer,
  path: RemotePath,
  options: {
    readonly flags: OpenFlags
    readonly mode: number | undefined
    readonly signal: AbortSignal | undefined
  },
): Promise<RemoteFile> {
  const { flags, mode, signal } = options
  checkOption('flags', Object.hasOwn(bits, flags), Object.keys(bits).join(', '))
  const bytes = pathBytes(path)
  const deed = { hop: peer.hop, what: 'open', path: shownPath(path) }
  const asked = withAttributes(bytes, { mode }, bits[flags])
  // Before there is a handle: a server that never tells its limits must leave none open.
  const limits = await (signal === undefined ? peer.limits : interruptible(peer.limits, signal))
  const handle = await openHandle(peer, deed, { type: message.open, write: asked, signal })
  return new RemoteFile(peer, handle, { path: deed.path, limits })
}
