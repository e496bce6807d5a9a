// What a member of a group is called where people read: by its host, and by more only where two would be called the same.

import { type Member, printable } from '../index.js'

const longest = 200

/** The name of each member by its id: the host; where several have it, the user or the gateway, too; else the whole route. */
export function labelMembers(members: readonly Member[]): ReadonlyMap<string, string> {
  const gateways = labelGateways(members)
  const via = (gateway: string | undefined): string =>
    gateway === undefined ? '' : ` via ${gateways.get(gateway) ?? gateway}`
  const ways: readonly ((member: Member) => string)[] = [
    ({ host }) => host,
    ({ id }) => lastOf(id).whole,
    ({ host, gateway }) => `${host}${via(gateway)}`,
    ({ id, gateway }) => `${lastOf(id).whole}${via(gateway)}`,
    ({ id }) => id,
  ]
  return namedApart(members.map((member) => ({ id: member.id, names: ways.map((way) => way(member)) })))
}

/** The name of each gateway by its id: the host; where several have it, the port, too; else the whole route. */
export function labelGateways(members: readonly Member[]): ReadonlyMap<string, string> {
  const ids = new Set(members.flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway])))
  return namedApart([...ids].map((id) => ({ id, names: [lastOf(id).name, lastOf(id).host, id] })))
}

/** The host that a route ends with. */
export function hostOf(route: string): string {
  return printable(lastOf(route).name, longest)
}

interface Named {
  readonly id: string
  /** From the shortest to the one that nobody else has. */
  readonly names: readonly string[]
}

/** Each gets the first of its names that no other still wants. */
function namedApart(all: readonly Named[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  let left = all
  for (let at = 0; left.length > 0; at += 1) {
    const nameOf = ({ id, names }: Named): string => printable(names[at] ?? id, longest)
    const counts = new Map<string, number>()
    for (const one of left) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1)
    const isLast = left.every(({ names }) => at >= names.length - 1)
    const isNamed = (one: Named): boolean => isLast || counts.get(nameOf(one)) === 1
    for (const one of left) if (isNamed(one)) labels.set(one.id, nameOf(one))
    left = left.filter((one) => !isNamed(one))
  }
  return labels
}

interface LastHost {
  readonly name: string
  /** With its port, unless that is 22. */
  readonly host: string
  /** With its user, too. */
  readonly whole: string
}

/** Of a route as in `ops@bastion:22 > root@inner:2200 (10.0.0.7)`: `inner:2200`, and what else it may be called. */
function lastOf(route: string): LastHost {
  const last = route.split(' > ').at(-1) ?? route
  const [, user = '', name = last, port = ''] = /^(\S+@)(\S+)(:\d+)(?: \(\S+\))?$/.exec(last) ?? []
  const host = name + (port === ':22' ? '' : port)
  return { name, host, whole: user + host }
}
