// What a remote path of a caller means: `~` is the home directory, which is also where relative paths begin.

import { ConfigError, SftpError } from '../errors.js'
import type { Sftp } from '../sftp/sftp.js'
import { shownPath } from './byte-path.js'

/** Throws ConfigError for a path that cannot be one. */
export function requirePath(name: 'local' | 'remote', path: unknown): string {
  if (typeof path !== 'string') throw new TypeError(`${name} path: must be text`)
  const problem = path === '' ? 'must not be empty' : path.includes('\0') ? 'must not have a NUL' : undefined
  if (problem === undefined) return path
  throw new ConfigError('INVALID_OPTION', `the ${name} path ${problem}`, { origin: `the ${name} path` })
}

/**
 * The path for the server. `~` alone and before a slash is the home directory; `~user` rejects with SFTP_UNSUPPORTED:
 * for a file whose name begins so, write `./~name`.
 */
export async function resolveRemote(_sftp: Sftp, path: string): Promise<string> {
  if (path === '~') return '.'
  if (path.startsWith('~/')) return path.slice(2).replace(/^\/+/, '') || '.'
  if (!path.startsWith('~')) return path
  const shown = shownPath(path)
  throw new SftpError('SFTP_UNSUPPORTED', `the home directory of another user is not known: ${shown}`, {
    path: shown,
    hint: `give an absolute path, or ./${shown} for a file of that name`,
  })
}
