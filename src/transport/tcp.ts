// A TCP connection to the first hop: name, addresses, socket; and what can go wrong with them, in our words.

import { isIP, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { abortError } from '../aborted.js'
import { formatAddress } from '../dialer.js'
import { ConnectError, type HopRef, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import { connectFirst } from './connect-first.js'
import { type AddressFamily, findAddresses } from './find-addresses.js'
import { findLocalAddresses, type LocalAddresses, type LocalEnd } from './find-local-addresses.js'
import type { Link } from './link.js'
import { streamLink } from './stream-link.js'

/** As ssh waits between its attempts: ssh_config(5) ConnectionAttempts. */
const betweenAttemptsMs = 1000

export interface TcpRequest {
  readonly host: string
  readonly port: number
  readonly addressFamily: AddressFamily
  /** What end of this machine to connect from. */
  readonly from?: LocalEnd | undefined
  /** How often to try all addresses, with a second in between. Default 1. */
  readonly attempts?: number | undefined
  /** Runs the pauses between them, which no clock is to count. Default: they are counted. */
  readonly pausedDuring?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined
  /** Whether the system probes the connection when it is silent. Default true. */
  readonly keepAlive?: boolean | undefined
  /** Goes into every error. */
  readonly hop: HopRef
  readonly signal: AbortSignal
  /** Told what the host's name stands for, and how many milliseconds that took to find out. */
  readonly onAddresses?: ((addresses: readonly string[], lookupMs: number) => void) | undefined
}

/**
 * Connects to a host by the first of its addresses that answers. Rejects with {@link ConnectError} (NAME_NOT_FOUND,
 * CONNECTION_REFUSED or CONNECTION_FAILED) or, when the signal is aborted, at once and with the socket destroyed.
 */
export async function openTcp(request: TcpRequest): Promise<Link> {
  const { host, port, signal } = request
  try {
    signal.throwIfAborted()
    const startedAt = performance.now()
    const addresses = await findAddresses(request)
    request.onAddresses?.(addresses, performance.now() - startedAt)
    if (addresses.length === 0) throw nameNotFound(request, 'no address of the family asked for')
    const socket = await connect(request, addresses)
    const { remoteAddress = host, remotePort = port } = socket
    const description = formatAddress({ host: remoteAddress, port: remotePort })
    return streamLink(socket, { description, refable: socket, remoteAddress })
  } catch (error) {
    if (signal.aborted) throw abortError(signal.reason, { hop: request.hop, phase: 'dial' })
    if (error instanceof SallyportError) throw error
    if (error instanceof AggregateError) throw connectFailed(request, error)
    throw lookupFailed(request, error)
  }
}

/** Tries the addresses as often as that is asked for. */
async function connect(request: TcpRequest, found: readonly string[]): Promise<Socket> {
  const { from, attempts = 1, keepAlive = true, port, signal, pausedDuring = (work) => work() } = request
  const localAddresses = from && (await ownAddresses(request, from))
  const addresses =
    localAddresses === undefined ? found : found.filter((address) => localAddresses.has(isIP(address)))
  if (addresses.length === 0) throw noLocalAddress(request)
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectFirst({ addresses, port, signal, localAddresses, keepAlive })
    } catch (error) {
      if (attempt >= attempts || signal.aborted) throw error
      await pausedDuring(() => pause(betweenAttemptsMs, undefined, { signal }))
    }
  }
}

async function ownAddresses(request: TcpRequest, from: LocalEnd): Promise<LocalAddresses | undefined> {
  try {
    return await findLocalAddresses(from, request.signal)
  } catch (error) {
    if (request.signal.aborted) throw error
    const what = `could not look up ${printable(from.bindAddress ?? '')} to connect from: ${errnoName(error)}`
    throw failure(request, 'CONNECTION_FAILED', what, error)
  }
}

function noLocalAddress(request: TcpRequest): ConnectError {
  const { bindAddress, bindInterface } = request.from ?? {}
  const end =
    bindAddress === undefined ? `the interface ${printable(bindInterface ?? '')}` : printable(bindAddress)
  const what = `there is no address of this machine to connect from: ${end} has none of the right family`
  return failure(request, 'CONNECTION_FAILED', what, undefined)
}

function lookupFailed(request: TcpRequest, error: unknown): ConnectError {
  const code = errnoName(error)
  if (/^(EAI_|ENOTFOUND|ENODATA)/.test(code)) return nameNotFound(request, code, error)
  return failure(request, 'CONNECTION_FAILED', `could not look up ${printable(request.host)}: ${code}`, error)
}

function nameNotFound(request: TcpRequest, why: string, cause?: unknown): ConnectError {
  return failure(request, 'NAME_NOT_FOUND', `no address found for ${printable(request.host)}: ${why}`, cause)
}

function connectFailed(request: TcpRequest, { errors }: AggregateError): ConnectError {
  const refused = errors.every((error) => errnoName(error) === 'ECONNREFUSED')
  const each = errors.map((error) => `${addressOf(error, request)} ${errnoName(error)}`)
  return failure(
    request,
    refused ? 'CONNECTION_REFUSED' : 'CONNECTION_FAILED',
    `could not connect: ${each.join(', ')}`,
    errors.length === 1 ? errors[0] : new AggregateError(errors, each.join(', ')),
  )
}

function failure(
  { hop }: TcpRequest,
  code: 'NAME_NOT_FOUND' | 'CONNECTION_REFUSED' | 'CONNECTION_FAILED',
  what: string,
  cause: unknown,
): ConnectError {
  return new ConnectError(code, what, { hop, phase: 'dial', cause })
}

function addressOf(error: unknown, { host, port }: TcpRequest): string {
  const address = error instanceof Error && 'address' in error ? String(error.address) : printable(host)
  if (error instanceof Error && 'syscall' in error && error.syscall === 'bind') return `from ${address}`
  return formatAddress({ host: address, port })
}

function errnoName(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : printable(String(error))
}
