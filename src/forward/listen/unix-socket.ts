// Unix sockets that a forward listens on: made with their final mode, never in place of another program's file, and
// taken away at the end if they are still ours. What is no socket is neither followed nor removed.

import { once } from 'node:events'
import { chmod, link, lstat, mkdtemp, rmdir, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import type { Address } from '../../dialer.js'
import { SallyportError } from '../../errors.js'

export interface UnixSocketTerms {
  /** The mode bits that it does not get: ssh_config(5) StreamLocalBindMask. */
  readonly streamLocalBindMask: number
  /** Remove a socket that is there already: ssh_config(5) StreamLocalBindUnlink. */
  readonly streamLocalBindUnlink: boolean
}

/** What fits into `sun_path` of macOS; Linux has four bytes more. */
const maxPathBytes = 103

/**
 * Listens on a unix socket. It is made in a directory that nobody else can enter and gets its mode and then its name
 * there, so that nobody connects before that, and no umask of the whole process is touched. Rejects with the system's
 * error, or with LISTEN_FAILED where more can be said.
 */
export async function listenOnUnixSocket(
  server: Server,
  path: string,
  { streamLocalBindMask, streamLocalBindUnlink }: UnixSocketTerms,
): Promise<{ readonly address: Address; readonly cleanUp: () => Promise<void> }> {
  await makeRoom(path, { unlinks: streamLocalBindUnlink })
  const directory = await mkdtemp(`${dirname(path)}/.`)
  const made = join(directory, 's')
  try {
    if (Math.max(Buffer.byteLength(path), Buffer.byteLength(made)) > maxPathBytes) throw tooLong(path)
    server.listen({ path: made })
    await once(server, 'listening')
    await chmod(made, 0o777 & ~streamLocalBindMask)
    const { dev, ino } = await lstat(made)
    await link(made, path)
    return {
      address: { path },
      cleanUp: async () => {
        const found = await findFile(path)
        if (found?.ino === ino && found.dev === dev) await unlink(path).catch(() => {})
      },
    }
  } finally {
    await unlink(made).catch(() => {})
    await rmdir(directory).catch(() => {})
  }
}

/** Rejects unless a socket can be made there. */
async function makeRoom(path: string, { unlinks }: { readonly unlinks: boolean }): Promise<void> {
  const found = await findFile(path)
  if (found === undefined) return
  if (!found.isSocket()) {
    throw occupied(path, 'there is a file that is no socket', 'remove it, or choose another path')
  }
  if (unlinks) await unlink(path)
  else if (await isServed(path)) throw occupied(path, 'the socket is in use', 'choose another path')
  else {
    const hint = 'a program that has ended left it there: remove it, or set streamLocalBindUnlink'
    throw occupied(path, 'there is a socket on which nobody listens', hint)
  }
}

/** What has this name, a link by itself; `undefined` for nothing. */
async function findFile(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Anything but a refusal means that somebody may be there. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
}

function occupied(path: string, why: string, hint: string): SallyportError {
  const cause = Object.assign(new Error(`listen EADDRINUSE: ${path}`), {
    code: 'EADDRINUSE',
    syscall: 'listen',
  })
  return new SallyportError('LISTEN_FAILED', `could not listen on ${path}: ${why}`, {
    phase: 'listen',
    hint,
    cause,
  })
}

function tooLong(path: string): SallyportError {
  const what = `could not listen on ${path}: the path is too long for a unix socket`
  const hint = `at most ${maxPathBytes} bytes fit, where the file name counts as nine if it is shorter`
  return new SallyportError('LISTEN_FAILED', what, { phase: 'listen', hint })
}
