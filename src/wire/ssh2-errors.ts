// ssh2's errors -> ours, in one table. ssh2 tells most of them apart by their text only.

import { ConnectError, type HopRef, type Phase, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { OfferedAlgorithms, ServerAlgorithms } from './algorithms.js'

/** What is known at the moment of the failure. */
export interface FailureContext {
  readonly hop: HopRef
  readonly phase: Phase
  readonly offered?: OfferedAlgorithms
  readonly server?: ServerAlgorithms | undefined
}

/** Translates an error event of ssh2's client. Errors that are already ours pass through. */
export function translateClientError(error: unknown, context: FailureContext): SallyportError {
  if (error instanceof SallyportError) return error
  const { hop, phase } = context
  const { message, code } = describe(error)
  const details = { hop, phase, cause: asCause(error) }
  if (typeof code === 'number') {
    return new ConnectError(
      phase === 'session' ? 'CONNECTION_LOST' : 'SERVER_REFUSED',
      `disconnected by the server: ${message}`,
      {
        ...details,
        reason: code,
      },
    )
  }
  const unmatched = /^Handshake failed: no matching (.+)$/.exec(message)?.[1]
  if (unmatched !== undefined) {
    return new ConnectError(
      'NO_COMMON_ALGORITHM',
      `no common ${unmatched}${bothSides(unmatched, context)}`,
      details,
    )
  }
  if (typeof code === 'string' || message === 'Connection lost before handshake') {
    const how = typeof code === 'string' ? `: ${code}` : ''
    return new ConnectError(
      'CONNECTION_LOST',
      `the connection was lost during ${phaseWords[phase]}${how}`,
      details,
    )
  }
  return new ConnectError(
    'PROTOCOL_ERROR',
    `broke the protocol during ${phaseWords[phase]}: ${message}`,
    details,
  )
}

/** The error for a stream that ended without an error of its own. */
export function streamEnded(context: FailureContext): ConnectError {
  const { hop, phase } = context
  return new ConnectError(
    'CONNECTION_LOST',
    `the connection was closed by the other side during ${phaseWords[phase]}`,
    {
      hop,
      phase,
    },
  )
}

/** The error for a server that does what no server may; `how` says what, after its name. */
export function brokenProtocol(how: string, { hop, phase }: FailureContext): ConnectError {
  return new ConnectError('PROTOCOL_ERROR', `broke the protocol during ${phaseWords[phase]}: ${how}`, {
    hop,
    phase,
  })
}

/** The error for a channel that the server confirmed without being asked for it, or so that it cannot be used. */
export function unaskedConfirmation(context: FailureContext): ConnectError {
  return brokenProtocol('confirmed a channel that was not being opened, or with packets of no bytes', context)
}

const phaseWords: Record<Phase, string> = {
  resolve: 'the look-up',
  dial: 'the dialling',
  channel: 'the opening of a channel',
  version: 'the version exchange',
  'key-exchange': 'the key exchange',
  'host-key': 'the host key check',
  authentication: 'the authentication',
  listen: 'the request to listen',
  session: 'the session',
}

function bothSides(what: string, { offered, server }: FailureContext): string {
  if (offered === undefined || server === undefined || /compression/i.test(what)) return ''
  const [ours, theirs] = /key exchange/i.test(what)
    ? [offered.kex, server.kex]
    : /host key/i.test(what)
      ? [offered.hostKey, server.hostKey]
      : /cipher/i.test(what)
        ? [offered.cipher, server.cipher]
        : [offered.mac, server.mac]
  return `: we offer ${ours.join(',')}; the server offers ${printable(theirs.join(','), 1000)}`
}

/** The text and the code of anything that was thrown, made safe to show. */
export function describe(error: unknown): { message: string; code: unknown } {
  if (!(error instanceof Error)) return { message: printable(String(error)), code: undefined }
  return { message: printable(error.message, 1000), code: (error as { code?: unknown }).code }
}

/** An error of ssh2, ready to be shown as the cause of ours: the server's words in it are made printable, in place. */
export function asCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { message, stack } = error
  const shown = printable(message, 1000)
  error.message = shown
  if (stack !== undefined) error.stack = stack.replace(message, () => shown)
  return error
}
