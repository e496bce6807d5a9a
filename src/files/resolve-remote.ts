// What a remote path of a caller means: `~` is the home directory, which is also where relative paths begin.

import { ConfigError, SftpError } from '../errors.js'
import type { Sftp } from '../sftp/sftp.js'
import { shownPath, withoutEndSlash } from './byte-path.js'

/** Throws ConfigError for a path that cannot be one. */
export function requirePath(name: 'local' | 'remote', path: unknown): string {
  if (typeof path !== 'string') throw new TypeError(`${name} path: must be text`)
  const problem = path === '' ? 'must not be empty' : path.includes('\0') ? 'must not have a NUL' : undefined
  if (problem === undefined) return path
  throw new ConfigError('INVALID_OPTION', `the ${name} path ${problem}`, { origin: `the ${name} path` })
}

/**
 * The path for the server. `~` alone and before a slash is the home directory; `~user` is that of another user, where
 * the server knows it (expand-path@openssh.com), else it rejects with SFTP_UNSUPPORTED. For a file whose name begins so,
 * write `./~name`.
 */
export async function resolveRemote(
  sftp: Sftp,
  path: string,
  options: { readonly signal: AbortSignal },
): Promise<string> {
  if (path === '~') return '.'
  if (path.startsWith('~/')) return path.slice(2).replace(/^\/+/, '') || '.'
  if (!path.startsWith('~')) return path
  const [home = '', ...rest] = path.split('/')
  try {
    return [withoutEndSlash(await sftp.expandPath(home, options)), ...rest].join('/')
  } catch (error) {
    if (!(error instanceof SftpError)) throw error
    const { code, hop, status } = error
    const shown = shownPath(path)
    throw new SftpError(code, `there is no home directory for ${shown}`, {
      path: shown,
      hop,
      status,
      cause: error,
      hint: `give an absolute path, or ./${shown} for a file of that name`,
    })
  }
}
