// A route as text for people: one line for each hop, and how it is reached. No secrets.

import { printable } from '../printable.js'
import { withoutSecrets } from '../secret-text.js'
import type { Hop, Route } from './route.js'

/** `1  ops@bastion:22  tcp` and so on, one line for each hop, without a final line feed. */
export function explainRoute(route: Route): string {
  const rows = route.hops.map((hop, index) => [
    String(index + 1),
    nameOf(hop),
    linkOf(hop, route.hops[index - 1]),
  ])
  const width = Math.max(...rows.map(([, name = '']) => name.length))
  return rows.map(([number, name = '', link]) => `${number}  ${name.padEnd(width)}  ${link}`).join('\n')
}

function nameOf({ user, host, hostName, port }: Hop): string {
  const bracketed = host.includes(':') ? `[${host}]` : host
  return `${user}@${bracketed}:${port}${hostName === host.toLowerCase() ? '' : ` (${hostName})`}`
}

function linkOf({ link }: Hop, before: Hop | undefined): string {
  switch (link.kind) {
    case 'tcp':
      return 'directly'
    case 'channel':
      return `through ${before?.host ?? 'its gateway'}`
    case 'dialer':
      return 'through a dialer'
    case 'command':
      return `through the command ${printable(withoutSecrets(link.text), 120)}`
  }
}
