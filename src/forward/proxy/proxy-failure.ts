// What a client of a proxy is told of an error: the few words that proxies have. Errors of ours come from forwards
// through the hop, those of Node from connections that are made from here.

import { SallyportError } from '../../errors.js'
import type { ProxyFailure } from './proxy-dialogue.js'

/** The word for why there is no connection. What is about the way there, and not the destination, has `failed`. */
export function proxyFailure(error: unknown): ProxyFailure {
  if (error instanceof SallyportError) return ofOurs(error)
  return ofSystemError(error)
}

function ofSystemError(error: unknown): ProxyFailure {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return ofSystem.get(code) ?? 'failed'
}

const ofSystem: ReadonlyMap<unknown, ProxyFailure> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENOTFOUND', 'host unreachable'],
  ['EAI_AGAIN', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['ETIMEDOUT', 'timed out'],
  ['EACCES', 'not permitted'],
  ['EPERM', 'not permitted'],
])

function ofOurs({ code, phase, message, hop, cause }: SallyportError): ProxyFailure {
  if (code === 'DESTINATION_NOT_PERMITTED') return 'not permitted'
  if (code === 'TIMEOUT') return 'timed out'
  // Dialled from here, and by no hop: the system has said why.
  if (phase === 'dial' && hop === undefined) return ofSystemError(cause)
  // A gateway that refuses the SSH connection itself is not the destination.
  if (phase !== 'channel') return 'failed'
  if (code === 'FORWARD_PROHIBITED') return 'not permitted'
  if (code === 'CONNECTION_REFUSED') return 'connection refused'
  if (code === 'NAME_NOT_FOUND') return 'host unreachable'
  return code === 'CONNECTION_FAILED' ? ofSystemText(message) : 'failed'
}

// sshd ends its refusal with the words of its system.
function ofSystemText(message: string): ProxyFailure {
  if (/network is unreachable$/i.test(message)) return 'network unreachable'
  if (/no route to host$|host is (?:unreachable|down)$/i.test(message)) return 'host unreachable'
  return /timed out$/i.test(message) ? 'timed out' : 'failed'
}
