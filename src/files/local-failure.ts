// Failures of the files of this machine as errors of the library.

import { type HopRef, SftpError } from '../errors.js'
import { printable } from '../printable.js'
import { type BytePath, shownPath } from './byte-path.js'

/** Says what a failed call of node:fs was for. */
export function localFailure(
  cause: unknown,
  what: { readonly path: BytePath; readonly hop?: HopRef | undefined },
): unknown {
  const code = findSystemCode(cause)
  if (code === undefined) return cause
  const path = shownPath(what.path)
  const { hop } = what
  const said = cause instanceof Error ? printable(cause.message.replace(/, .*$/s, '')) : code
  return new SftpError('LOCAL_FILE_FAILED', `${path} on this machine: ${said}`, { path, cause, hop })
}

/** Rejects with LOCAL_FILE_FAILED where the call of node:fs fails. */
export async function atLocal<T>(
  what: { readonly path: BytePath; readonly hop?: HopRef | undefined },
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw localFailure(error, what)
  }
}

/** `ENOENT` and the like: of the error itself, or of the one that it was made of. */
export function findSystemCode(error: unknown): string | undefined {
  if (error instanceof SftpError) {
    return error.code === 'LOCAL_FILE_FAILED' ? findSystemCode(error.cause) : undefined
  }
  if (!(error instanceof Error) || !('syscall' in error || 'errno' in error)) return undefined
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' ? code : undefined
}
