// Which hosts a group was given: a list, an iterable that can be read once only, or a function that finds them out.

import { Connection } from '../connection.js'
import { interruptible } from '../interruptible.js'
import { readUntil } from './interruptible-reading.js'

/** The hosts of a group, or a function that finds them out when the group is first used: an inventory. */
export type GroupHosts = HostList | (() => HostList | Promise<HostList>)

/** Hosts by their names, as of `new Connection`, or connections, which are borrowed and stay open. */
export type HostList = Iterable<string | Connection> | AsyncIterable<string | Connection>

/** Lists the hosts as they were given; what is given once only is read once only, whatever comes of it. */
export type ListHosts = (signal: AbortSignal) => Promise<readonly (string | Connection)[]>

/** Throws a TypeError for what are no hosts, as far as that can be seen without asking. */
export function hostsOf(given: GroupHosts): ListHosts {
  if (typeof given === 'function') {
    return async (signal) => read(await interruptible(Promise.resolve().then(given), signal), signal)
  }
  checkList(given)
  if (Array.isArray(given)) {
    const hosts = Object.freeze(given.map(checkHost))
    return () => Promise.resolve(hosts)
  }
  let hosts: Promise<readonly (string | Connection)[]> | undefined
  return (signal) => {
    hosts ??= read(given, signal)
    return hosts
  }
}

async function read(list: HostList, signal: AbortSignal): Promise<readonly (string | Connection)[]> {
  checkList(list)
  if (Symbol.iterator in list) return Object.freeze([...list].map(checkHost))
  const hosts: (string | Connection)[] = []
  for await (const host of readUntil(list, signal)) hosts.push(checkHost(host))
  return Object.freeze(hosts)
}

// Text is an iterable, too: of its letters.
function checkList(list: unknown): asserts list is HostList {
  const holds =
    typeof list === 'object' && list !== null && (Symbol.iterator in list || Symbol.asyncIterator in list)
  if (!holds) throw new TypeError('hosts: must be a list of names and connections, or a function')
}

function checkHost(host: unknown): string | Connection {
  if (typeof host === 'string' || host instanceof Connection) return host
  throw new TypeError('hosts: each must be a name or a Connection')
}
