// A route as text for people: one line for each hop, and how it is reached. No secrets.

import { linkText } from './link-text.js'
import type { Hop, Route } from './route.js'

/** `1  ops@bastion:22  tcp` and so on, one line for each hop, without a final line feed. */
export function explainRoute(route: Route): string {
  const rows = route.hops.map((hop, index) => [
    String(index + 1),
    nameOf(hop),
    linkText(hop, route.hops[index - 1]),
  ])
  const width = Math.max(...rows.map(([, name = '']) => name.length))
  return rows.map(([number, name = '', link]) => `${number}  ${name.padEnd(width)}  ${link}`).join('\n')
}

function nameOf({ user, host, hostName, port }: Hop): string {
  const bracketed = host.includes(':') ? `[${host}]` : host
  return `${user}@${bracketed}:${port}${hostName === host.toLowerCase() ? '' : ` (${hostName})`}`
}
