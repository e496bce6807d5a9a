// The entries of a directory, several requests ahead. Names that are none, or that lead out of it, are refused here;
// those that are special only on this machine are for whoever makes files of them.

import { SftpError } from '../errors.js'
import { fileStats } from './file-stats.js'
import { openHandle } from './open-handle.js'
import type { Peer } from './peer.js'
import { message } from './protocol/numbers.js'
import type { NameEntry } from './protocol/replies.js'
import { shownPath } from './remote-path.js'
import { readdirRequest } from './requests.js'
import type { DirectoryEntry } from './sftp.js'
import type { Deed } from './status-error.js'

const mostEntries = 1_000_000
/** Once a directory does not fit into one reply. */
const requestsAhead = 4

/** Without `.` and `..`. Throws UNSAFE_NAME, and OUTPUT_LIMIT beyond a million entries. */
export async function* readEntries(
  peer: Peer,
  path: Buffer,
  signal: AbortSignal | undefined,
): AsyncGenerator<DirectoryEntry, void> {
  const deed = { hop: peer.hop, what: 'list', path: shownPath(path) }
  const write = (writer: { string(value: Buffer): unknown }): unknown => writer.string(path)
  const handle = await openHandle(peer, deed, { type: message.opendir, write, signal })
  let count = 0
  try {
    for await (const entries of readReplies(peer, { deed, handle: handle.bytes, signal })) {
      for (const entry of entries) {
        count += 1
        if (count > mostEntries) {
          const what = `could not list ${deed.path}: it has more than ${mostEntries} entries`
          throw new SftpError('OUTPUT_LIMIT', what, deed)
        }
        const found = findEntry(entry, deed)
        if (found !== undefined) yield found
      }
    }
  } finally {
    const closed = handle.close()
    closed.catch(() => {})
  }
}

async function* readReplies(
  peer: Peer,
  options: { readonly deed: Deed; readonly handle: Buffer; readonly signal: AbortSignal | undefined },
): AsyncGenerator<readonly NameEntry[], void> {
  const { deed, handle, signal } = options
  const queue: Promise<readonly NameEntry[] | undefined>[] = []
  const ask = (): void => {
    const reply = peer.conversation.ask(readdirRequest(deed, handle), signal)
    reply.catch(() => {})
    queue.push(reply)
  }
  ask()
  let ahead = 1
  let isAtEnd = false
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const entries = await next
    // A server that sends no names has none left, as OpenSSH's sftp takes it.
    if (entries === undefined || entries.length === 0) isAtEnd = true
    else ahead = Math.min(ahead + 1, requestsAhead)
    while (!isAtEnd && queue.length < ahead) ask()
    if (entries !== undefined) yield entries
  }
}

function findEntry({ name, attributes }: NameEntry, deed: Deed): DirectoryEntry | undefined {
  const text = name.toString('utf8')
  if (text === '.' || text === '..') return undefined
  if (text === '' || name.includes('/') || name.includes(0)) {
    const shown = shownPath(name)
    const what = `the server listed in ${deed.path} the name "${shown}", which is none of an entry`
    throw new SftpError('UNSAFE_NAME', what, deed)
  }
  return Object.freeze({ name: text, rawName: Buffer.from(name), stats: fileStats(attributes) })
}
