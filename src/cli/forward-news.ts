// What becomes of a forward while the command stays, as lines for a person without a terminal, and as data for programs.

import type { EndedConnection, ForwardedConnection, RefusedConnection } from '../index.js'
import { formatAddress, printable } from '../index.js'
import { formatBytes } from './byte-count.js'
import { describeError } from './describe-error.js'

/** One thing that has happened to a forward. */
export type ForwardNews =
  | { readonly event: 'listening' | 'closed' }
  | { readonly event: 'connection'; readonly connection: ForwardedConnection }
  | { readonly event: 'connection closed'; readonly connection: EndedConnection }
  | { readonly event: 'refused'; readonly connection: RefusedConnection }
  | { readonly event: 'lost'; readonly error: Error }

/** The forward that the news is of. */
export interface ForwardName {
  readonly kind: 'local' | 'remote' | 'dynamic'
  readonly listens: readonly string[]
  /** `undefined` for a proxy, whose clients say where each connection leads. */
  readonly leadsTo: string | undefined
}

/** One line, without anything that steers a terminal. */
export function newsLine({ kind, listens, leadsTo }: ForwardName, news: ForwardNews): string {
  const way = `${kind} ${listens.join(', ')}${leadsTo === undefined ? '' : ` → ${leadsTo}`}`
  return printable(`${way}: ${saidOf(news, { isProxy: leadsTo === undefined })}`, 2000)
}

function saidOf(news: ForwardNews, { isProxy }: { readonly isProxy: boolean }): string {
  switch (news.event) {
    case 'listening':
    case 'closed':
      return news.event
    case 'lost':
      return `lost, trying again: ${news.error.message}`
    case 'connection':
      return `${numbered(news.connection, isProxy)} open`
    case 'refused':
      return `${numbered(news.connection, isProxy)} refused: ${news.connection.error.message}`
    case 'connection closed': {
      const { bytesSent, bytesReceived, durationMs, error } = news.connection
      const carried = `${formatBytes(bytesSent)} sent, ${formatBytes(bytesReceived)} received`
      const how = error === undefined ? '' : `: ${error.message}`
      return `${numbered(news.connection, isProxy)} closed after ${(durationMs / 1000).toFixed(1)} s, ${carried}${how}`
    }
  }
}

function numbered({ id, from, to }: ForwardedConnection, isProxy: boolean): string {
  const origin = from === undefined ? '' : ` from ${formatAddress(from)}`
  return `connection ${id}${origin}${isProxy && to !== undefined ? ` to ${formatAddress(to)}` : ''}`
}

/** The same as plain data; addresses are texts. */
export function newsDocument(name: ForwardName, news: ForwardNews): Readonly<Record<string, unknown>> {
  const { kind, listens, leadsTo } = name
  const head = { event: news.event, kind, listens, leadsTo }
  if (news.event === 'lost') return { ...head, error: describeError(news.error) }
  if (!('connection' in news)) return head
  const { from, to, ...rest } = news.connection
  return {
    ...head,
    connection: {
      ...rest,
      from: from === undefined ? undefined : formatAddress(from),
      to: to === undefined ? undefined : formatAddress(to),
      error: 'error' in rest && rest.error !== undefined ? describeError(rest.error) : undefined,
    },
  }
}
