// How nodes and links are called, in every picture alike.

import type { RouteLink, RouteNode } from './graph.js'

/** What a picture writes for where every route begins. */
export const thisMachine = 'this machine'

/** The hosts by which a node is known: `db, db-vm`. */
export function namesOf({ names }: RouteNode): string {
  return names.map(({ host }) => host).join(', ')
}

/** `user@hostName`, and `:port` unless it is 22. An IPv6 address is in brackets where a port follows. */
export function addressOf({ user, hostName, port }: RouteNode): string {
  if (port === 22) return `${user}@${hostName}`
  return `${user}@${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`
}

/** What each kind of link is called. */
export const kindNames: Readonly<Record<RouteLink['kind'], string>> = {
  tcp: 'directly',
  channel: 'through a gateway',
  command: 'through a command',
  dialer: 'through a dialer',
  proxy: 'through a proxy',
  'remote-command': 'through a command on a gateway',
}
