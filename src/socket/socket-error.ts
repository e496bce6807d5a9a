// The 'error' of a socket in Node's own terms, made of an error of ours. Which code stands for which is decided here.

import { constants } from 'node:os'
import { type Address, formatAddress } from '../dialer.js'
import type { ErrorCode } from '../error-codes.js'
import { SallyportError } from '../errors.js'

/** What failed: to open the socket; or, once it was open, to read from it or to write to it. */
export type SocketSyscall = 'connect' | 'read' | 'write'

interface SocketErrorDetails {
  readonly syscall: SocketSyscall | 'getaddrinfo'
  /** Where the socket leads, if that is known. */
  readonly to?: Address | undefined
  /** The name that was not found. */
  readonly hostname?: string | undefined
  readonly cause: unknown
}

/**
 * What a socket of a connection emits as `error`: its fields are those of Node's own errors of sockets, so that code for
 * real sockets finds what it looks for, and `cause` is our error, which says more.
 */
export class SocketError extends Error {
  override readonly name = 'SocketError'
  /** Node's name for it: `ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`, `ECONNRESET` … */
  readonly code: string
  /** The negative number that Node gives for the code on this system. */
  readonly errno: number
  readonly syscall: string
  /** The host or the path that the socket was to lead to. */
  readonly address?: string
  readonly port?: number
  /** The name that was not found, with `ENOTFOUND`. */
  readonly hostname?: string

  constructor(code: string, { syscall, to, hostname, cause }: SocketErrorDetails) {
    const what = hostname ?? (to === undefined ? '' : formatAddress(to))
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    super(`${[syscall, code, what].filter((word) => word !== '').join(' ')}${why}`, { cause })
    this.code = code
    this.errno = errnoOf(code)
    this.syscall = syscall
    if (hostname !== undefined) this.hostname = hostname
    else if (to !== undefined && 'path' in to) this.address = to.path
    else if (to !== undefined) {
      this.address = to.host
      this.port = to.port
    }
  }
}

/**
 * The error for a socket that could not be opened. `far` says that the way was open, and that it was the address that
 * could not be reached.
 */
export function connectError(
  error: unknown,
  { to, far }: { readonly to: Address; readonly far: boolean },
): SocketError {
  const code = nodeCode(error, to)
  if (code !== 'ENOTFOUND') return new SocketError(code, { syscall: 'connect', to, cause: error })
  const hop = error instanceof SallyportError ? error.hop?.host : undefined
  const asked = 'path' in to ? to.path : to.host
  return new SocketError(code, {
    syscall: 'getaddrinfo',
    to,
    hostname: far ? asked : (hop ?? asked),
    cause: error,
  })
}

/**
 * The error for a socket that was open and is lost, also with a connection that was closed here: drivers that are
 * ending themselves overlook ECONNRESET and no other code (pg 8, mysql2 3). The cause tells which it was.
 */
export function lossError(error: unknown, syscall: 'read' | 'write'): SocketError {
  return new SocketError('ECONNRESET', { syscall, cause: error })
}

/** What stands for our codes. A code that is not here cannot be met, or says that the way does not lead there. */
const nodeCodes: Partial<Record<ErrorCode, string>> = {
  CONNECTION_REFUSED: 'ECONNREFUSED',
  SERVER_BUSY: 'ECONNREFUSED',
  SERVER_REFUSED: 'ECONNREFUSED',
  CHANNEL_REFUSED: 'ECONNREFUSED',
  NAME_NOT_FOUND: 'ENOTFOUND',
  TIMEOUT: 'ETIMEDOUT',
  CONNECTION_LOST: 'ECONNRESET',
  CLOSED: 'ECONNABORTED',
  CANCELLED: 'ECANCELED',
  FORWARD_PROHIBITED: 'EACCES',
  DESTINATION_NOT_PERMITTED: 'EACCES',
  CONNECTION_NOT_ALLOWED: 'EACCES',
  EXEC_DENIED: 'EACCES',
  HOST_KEY_UNKNOWN: 'EACCES',
  HOST_KEY_CHANGED: 'EACCES',
  HOST_KEY_REVOKED: 'EACCES',
  HOST_KEY_CERTIFICATE: 'EACCES',
  HOST_KEY_REFUSED: 'EACCES',
  KNOWN_HOSTS_UNUSABLE: 'EACCES',
  AUTH_FAILED: 'EACCES',
  PASSWORD_CHANGE_REQUIRED: 'EACCES',
  IDENTITY_UNUSABLE: 'EACCES',
  PASSPHRASE_NEEDED: 'EACCES',
  AGENT_UNUSABLE: 'EACCES',
  TERMINAL_NEEDED: 'EACCES',
  NOT_SSH: 'EPROTO',
  PROTOCOL_ERROR: 'EPROTO',
  NO_COMMON_ALGORITHM: 'EPROTO',
  INSECURE_KEX: 'EPROTO',
  INVALID_DESTINATION: 'EINVAL',
  INVALID_OPTION: 'EINVAL',
  UNSUPPORTED_OPTION: 'EINVAL',
  CONFIG_INVALID: 'EINVAL',
  CONFIG_UNUSABLE: 'EINVAL',
  GATEWAY_CONFLICT: 'EINVAL',
  GATEWAY_LOOP: 'EINVAL',
  ROUTE_TOO_LONG: 'EINVAL',
  UNSAFE_VALUE: 'EINVAL',
  UNKNOWN_TOKEN: 'EINVAL',
}

/** A server's own words, which come from the kernel that it runs on. */
const words: readonly (readonly [RegExp, string])[] = [
  [/connection refused/i, 'ECONNREFUSED'],
  [/no route to host|host is unreachable/i, 'EHOSTUNREACH'],
  [/network is unreachable/i, 'ENETUNREACH'],
  [/timed out/i, 'ETIMEDOUT'],
  [/no such file/i, 'ENOENT'],
  [/permission denied/i, 'EACCES'],
]

function nodeCode(error: unknown, to: Address): string {
  if (!(error instanceof SallyportError)) return findSystemCode(error) ?? 'EHOSTUNREACH'
  const known = nodeCodes[error.code]
  if (known !== undefined) return known
  const said = error.cause instanceof Error ? error.cause.message : ''
  const heard = words.find(([pattern]) => pattern.test(said))?.[1] ?? findSystemCode(error.cause)
  // sshd does not say why it could not connect to a unix socket.
  return heard ?? ('path' in to && error.phase === 'channel' ? 'ECONNREFUSED' : 'EHOSTUNREACH')
}

const numbers: Readonly<Record<string, number>> = constants.errno

function findSystemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code in numbers ? code : undefined
}

// libuv's own number for a name that was not found; the rest are the system's.
function errnoOf(code: string): number {
  return code === 'ENOTFOUND' ? -3008 : -(numbers[code] ?? 0)
}

/** What node:net says of the use of a socket that is not connected. */
export function closedError(): Error {
  return Object.assign(new Error('Socket is closed'), { code: 'ERR_SOCKET_CLOSED' })
}
