// The error for a status of the server (draft-ietf-secsh-filexfer-02, 7). Some servers send numbers of later versions.

import { type HopRef, SftpError } from '../errors.js'
import { printable } from '../printable.js'
import { status } from './protocol/numbers.js'
import type { StatusReply } from './protocol/replies.js'

const codes = new Map([
  [status.noSuchFile, 'SFTP_NO_SUCH_FILE'],
  [status.permissionDenied, 'SFTP_PERMISSION_DENIED'],
  [status.unsupported, 'SFTP_UNSUPPORTED'],
  // SSH_FX_NO_SUCH_PATH and SSH_FX_WRITE_PROTECT of version 4.
  [10, 'SFTP_NO_SUCH_FILE'],
  [12, 'SFTP_PERMISSION_DENIED'],
] as const satisfies readonly (readonly [number, string])[])

/** The most characters of the server's own words that an error has (rule: 4 KiB). */
const shownTextLength = 4096

/** What was to be done, in words, `open` or `make the directory`, and to what; the path is printable already. */
export interface Deed {
  readonly hop: HopRef
  readonly what: string
  readonly path: string
}

export function statusError({ hop, what, path }: Deed, { code, text }: StatusReply): SftpError {
  const words = printable(text, shownTextLength)
  const reason = words === '' ? `the server gave no reason but status ${code}` : words
  return new SftpError(codes.get(code as 2) ?? 'SFTP_FAILURE', `could not ${what} ${path}: ${reason}`, {
    hop,
    path,
    status: code,
  })
}

/** The error for what needs an extension that the server does not have. */
export function unsupportedError({ hop, what, path }: Deed, extension: string): SftpError {
  return new SftpError(
    'SFTP_UNSUPPORTED',
    `could not ${what} ${path}: the server does not have ${extension}`,
    {
      hop,
      path,
    },
  )
}
