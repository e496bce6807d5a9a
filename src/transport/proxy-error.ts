// What goes wrong with a proxy, in our words, before it is known for which hop: whoever knows the hop adds it.

import { SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { ProxySpec } from '../route/proxy-spec.js'
import { EndedEarly } from './receive.js'

/** What the proxy was asked for. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
  /** As messages name it. */
  readonly name: string
  /** Whether it is a further proxy, and not where the way leads. */
  readonly isProxy: boolean
}

/** `could not connect`, and why; laid to the destination where that is clear. */
export type Refusal = 'CONNECTION_REFUSED' | 'CONNECTION_FAILED' | 'PROXY_FAILED'

/** The error of a proxy that did not do what it should; `what` completes the sentence `the proxy …`. */
export function proxyFailed(
  { url }: ProxySpec,
  what: string,
  details: { readonly code?: Refusal; readonly hint?: string; readonly cause?: unknown } = {},
): SallyportError {
  const { code = 'PROXY_FAILED', hint, cause } = details
  return new SallyportError(code, `the proxy ${url} ${what}`, { phase: 'dial', hint, cause })
}

/** The error of a proxy that could not connect: a destination that refuses is no fault of the proxy. */
export function couldNotConnect(
  proxy: ProxySpec,
  { name, isProxy }: ProxyTarget,
  refusal: { readonly code: Refusal; readonly why: string },
): SallyportError {
  const code = isProxy ? 'PROXY_FAILED' : refusal.code
  return proxyFailed(proxy, `could not connect to ${name}: ${printable(refusal.why)}`, { code })
}

/** The error for what an exchange with the proxy rejected with. Errors of ours, and reasons of signals, pass. */
export function exchangeFailed(proxy: ProxySpec, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof SallyportError || signal.aborted) return error
  if (error instanceof EndedEarly) {
    const why = error.cause === undefined ? '' : `: ${printable(error.message)}`
    return proxyFailed(proxy, `closed the connection before it had answered${why}`, { cause: error.cause })
  }
  const why = error instanceof Error ? error.message : String(error)
  return proxyFailed(proxy, `failed: ${printable(why)}`, { cause: error })
}
