// ProxyJump: hosts to jump through. Checked as ssh does, and the last of them normalised, as ssh -G prints it; the hops
// before it stay as they are. What the hops mean is for the route.

import { printable } from '../../../printable.js'
import { type Arguments, Unacceptable } from '../keyword.js'
import { findHop, type JumpHop } from './jump-hop.js'

/** The one word of ProxyJump: `none` in small letters, or the hops. */
export function proxyJump({ rest }: Arguments): readonly string[] {
  const text = rest.replace(/^[ \t\r\n=]+/, '')
  if (text.toLowerCase() === 'none') return ['none']
  // A comment ends it, and so does a blank.
  const list = /^.?[^#\s]*/.exec(text.replace(/#.*/, ''))?.[0] ?? ''
  const last = findHops(list)?.at(-1)
  if (last === undefined) throw new Unacceptable(`invalid ProxyJump "${printable(text)}"`)
  return [[...list.split(',').slice(0, -1), hopText(last)].join(',')]
}

/** The hops of a list, first to last; undefined when one of them is none. */
export function findHops(list: string): readonly JumpHop[] | undefined {
  const hops = list.split(',').map(findHop)
  return hops.every((hop) => hop !== undefined) ? hops : undefined
}

function hopText({ user, host, port }: JumpHop): string {
  const isNumeric = host.includes(':') || /^[0-9.]*$/.test(host)
  const name = isNumeric ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`
}
