// A route as text for people, in full: each hop with every setting that is no default, where it is from, and what that
// beat. The short form, a line for each hop, is explain.ts. No secrets.

import type { Origin } from '../config/merge.js'
import { shownText } from '../config/unused.js'
import { printable } from '../printable.js'
import { explainRoute } from './explain.js'
import { dialerName } from './link-text.js'
import type { Hop, Route } from './route.js'
import { type ShownSetting, shownSettings } from './shown-settings.js'

const widestValue = 44

/** One block for each hop: the line of {@link explainRoute}, and below it its lines, indented by three. */
export function explainHops(route: Route): readonly HopExplanation[] {
  const headings = explainRoute(route).split('\n')
  return route.hops.map((hop, index) => ({
    heading: headings[index] ?? '',
    lines: linesOf(hop, route.hops[index - 1]),
  }))
}

/** The text of one hop, without line feeds at the ends. */
export interface HopExplanation {
  readonly heading: string
  readonly lines: readonly string[]
}

interface Row {
  readonly name: string
  readonly value: string
  readonly origin: Origin
}

function linesOf(hop: Hop, before: Hop | undefined): readonly string[] {
  const rows = [
    ...(hop.linkOrigin.from === 'default'
      ? []
      : [{ name: 'gateway', value: gatewayOf(hop, before), origin: hop.linkOrigin }]),
    ...shownSettings(hop).filter(isTold).map(rowOf),
  ]
  const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length))
  const fitting = rows.map(({ value }) => value.length).filter((length) => length <= widestValue)
  const valueWidth = Math.max(0, ...fitting)
  return [
    ...rows.map(
      ({ name, value, origin }) =>
        `   ${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${printable(originOf(origin), 400)}`,
    ),
    ...hop.unused
      .map((unused) =>
        printable(`without effect: ${unused.keyword} ${shownText(unused)} (${unused.origin})`, 400),
      )
      .map((line) => `   ${line}`),
  ]
}

// What a program asks by is the same for all hops, and nothing that a person could change.
function isTold({ value, origin }: ShownSetting): boolean {
  if (origin.from === 'default') return false
  return value !== '[function]' || origin.parts.some(({ source }) => source !== 'program')
}

function rowOf({ name, value, origin }: ShownSetting): Row {
  return { name, value: printable(textOf(value), 400), origin }
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, text]) => `${name}=${text}`)
      .join(', ')
  }
  return String(value)
}

function gatewayOf({ link }: Hop, before: Hop | undefined): string {
  switch (link.kind) {
    case 'tcp':
      return 'none'
    case 'channel':
      return before?.host ?? 'a connection'
    case 'command':
      return 'a ProxyCommand'
    case 'dialer':
      return dialerName(link.dialer)
    case 'proxy':
      return link.proxies.map(({ url }) => url).join(', ')
    case 'remote-command':
      return `a command on ${before?.host ?? 'a connection'}`
  }
}

function originOf({ from, beat }: Origin): string {
  return beat.length === 0 ? from : `${from}; beats ${beat.join(', ')}`
}
