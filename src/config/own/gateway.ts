// The ways in which a configuration can give a gateway, in our words and in ssh's -> one form.

import type { ConfiguredGateway } from '../host-answer.js'
import { invalid, listOf, textKind } from '../kinds.js'

/** A gateway without the place where it stands. */
export type GatewayWords = WithoutPlace<ConfiguredGateway>

type WithoutPlace<T> = T extends unknown ? Omit<T, 'source' | 'origin'> : never

/** The keys that give a gateway. A host has at most one of them. */
export const gatewayNames = ['gateway', 'proxyJump', 'proxyCommand'] as const

export type GatewayName = (typeof gatewayNames)[number]

/** Reads the value of a key. Whether each host of a list is one, the route finds out. Throws ConfigError. */
export function readGateway(name: GatewayName, value: unknown, origin: string): GatewayWords {
  if (name === 'gateway') {
    if (value === false) return { kind: 'direct' }
    if (Array.isArray(value)) return { kind: 'jump', text: readHosts(value, origin) }
    if (typeof value !== 'string') throw invalid(origin, 'must be a command, a list of hosts, or false')
  }
  const text = textKind.check(value, origin).trim()
  if (text === '') throw invalid(origin, 'must not be empty')
  if (/^none$/i.test(text)) return { kind: 'direct' }
  return name === 'proxyJump' ? { kind: 'jump', text } : { kind: 'command', command: text }
}

function readHosts(value: unknown, origin: string): string {
  const hosts = oneHostEach.check(value, origin)
  if (hosts.length === 0) throw invalid(origin, 'must name at least one host, or be false')
  return hosts.join(',')
}

const oneHostEach = listOf(',', (host, origin) => {
  if (/[\s,]/.test(host)) throw invalid(origin, 'must have one host in each entry')
  if (/^none$/i.test(host)) throw invalid(origin, 'must not have none in a list: write false')
  return host
})
