// Why a server did not open a channel (SSH_MSG_CHANNEL_OPEN_FAILURE, RFC 4254 5.1), and who is to blame for it.

import { type Address, formatAddress } from '../dialer.js'
import { ConnectError, type HopRef, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { asCause, describe, translateClientError } from './ssh2-errors.js'

interface StreamRequest {
  /** The hop whose server was asked. */
  readonly gateway: HopRef
  readonly address: Address
  /** The hop that the stream was to reach, where it is for one. */
  readonly towards: HopRef | undefined
}

/** The error for a stream that was not opened: laid to the gateway if it would not, to the other end if it could not. */
export function streamRefused(error: unknown, request: StreamRequest): SallyportError {
  const { address, towards } = request
  const gateway = towards === undefined ? request.gateway : { ...request.gateway, count: towards.count }
  const refusal = findChannelRefusal(error)
  if (refusal === undefined) return translateClientError(error, { hop: gateway, phase: 'channel' })
  const where = formatAddress(address)
  const details = { hop: gateway, phase: 'channel', reason: refusal.reason, cause: asCause(error) } as const
  if (refusal.reason === administrativelyProhibited) {
    const hint = `the server may have AllowTcpForwarding no, or a PermitOpen without ${where}`
    const what = `refused a channel to ${where}: administratively prohibited`
    return new ConnectError('FORWARD_PROHIBITED', what, { ...details, hint })
  }
  const code = codeOf(refusal)
  if (towards === undefined || code === 'CHANNEL_REFUSED') {
    return new ConnectError(code, `could not open a channel to ${where}: ${refusal.text}`, details)
  }
  const what = `the gateway could not connect to ${where}: ${refusal.text}`
  return new ConnectError(code, what, { ...details, hop: towards })
}

/** The error for a command or a shell that was not started. */
export function sessionRefused(error: unknown, hop: HopRef): SallyportError {
  const refusal = findChannelRefusal(error)
  const details = { hop, phase: 'channel', cause: asCause(error) } as const
  if (refusal === undefined) {
    return new ConnectError(
      'CHANNEL_REFUSED',
      `did not start the command: ${describe(error).message}`,
      details,
    )
  }
  return new ConnectError('CHANNEL_REFUSED', `refused a session channel: ${refusal.text}`, {
    ...details,
    hint: 'the server may have reached MaxSessions (10 by default)',
    reason: refusal.reason,
  })
}

/** The error for a server that will not listen. It gives no reason (RFC 4254 4), so all that can be are in the hint. */
export function listenRefused(address: Address, hop: HopRef): ConnectError {
  const hint =
    'path' in address
      ? 'there may be a file of that name, which the server removes only with StreamLocalBindUnlink yes, or the server may have AllowStreamLocalForwarding no'
      : 'the port may be taken there, or be below 1024, or the server may have AllowTcpForwarding no, or a PermitListen without it'
  const what = `refused to listen on ${formatListen(address)}`
  return new ConnectError('FORWARD_REFUSED', what, { hop, phase: 'listen', hint })
}

/** Where a server is to listen, in words: an empty host stands for all addresses. */
export function formatListen(address: Address): string {
  if ('path' in address || address.host !== '') return formatAddress(address)
  return `port ${address.port} of all addresses`
}

interface ChannelRefusal {
  readonly reason: number
  readonly text: string
}

const administrativelyProhibited = 1
const connectFailed = 2

function findChannelRefusal(error: unknown): ChannelRefusal | undefined {
  // The server's words may be none, as Dropbear's are.
  const text = /^\(SSH\) Channel open failure:(.*)$/s.exec(describe(error).message)?.[1]
  if (text === undefined) return undefined
  const reason = (error as { reason?: unknown }).reason
  return { reason: typeof reason === 'number' ? reason : 0, text: printable(text) || 'no reason given' }
}

// sshd puts the resolver's or the kernel's own words into the refusal (channels.c).
function codeOf({ reason, text }: ChannelRefusal) {
  if (reason !== connectFailed) return 'CHANNEL_REFUSED'
  if (/connection refused/i.test(text)) return 'CONNECTION_REFUSED'
  if (/not known|name resolution|no address associated|nodename|does not resolve/i.test(text))
    return 'NAME_NOT_FOUND'
  return 'CONNECTION_FAILED'
}

/** Whether a session channel was not of use only because the server forwards no agents; ssh2 gives it up for that. */
export function isAgentForwardingRefused(error: unknown): boolean {
  const cause = error instanceof SallyportError ? error.cause : undefined
  return cause instanceof Error && cause.message === 'Unable to request agent forwarding'
}
