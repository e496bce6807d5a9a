// Networks in CIDR form for `Match localnetwork`, as addrmatch.c reads them: no wildcards, no negation in the list, and
// bits after the mask are a mistake. Which addresses this machine has is for local-addresses.ts.

import { printable } from '../../../printable.js'

interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

interface Network extends Address {
  readonly length: number
}

/** What is wrong with a list of networks, in a sentence; `undefined` when it is well formed. */
export function findNetworkProblem(list: string): string | undefined {
  return list
    .split(',')
    .map((entry) => parseNetwork(entry))
    .find((network) => typeof network === 'string')
}

/** Whether one of the addresses is in one of the networks. A list that is not well formed matches nothing. */
export function matchesNetwork(addresses: readonly string[], list: string): boolean {
  const networks = list.split(',').map(parseNetwork)
  if (!networks.every((network) => typeof network !== 'string')) return false
  return addresses.some((text) => {
    const address = parseAddress(text)
    return address !== undefined && networks.some((network) => contains(network, address))
  })
}

function contains(network: Network, address: Address): boolean {
  const shift = BigInt(network.bits - network.length)
  return network.bits === address.bits && network.value >> shift === address.value >> shift
}

function parseNetwork(entry: string): Network | string {
  const shown = `"${printable(entry, 60)}"`
  if (entry === '') return 'an entry of the list of networks is empty'
  if (!/^[0-9a-f.:/]{1,49}$/i.test(entry)) return `${shown} is no network`
  const slash = entry.indexOf('/')
  const address = parseAddress(slash < 0 ? entry : entry.slice(0, slash))
  if (address === undefined) return `${shown} is no network`
  const mask = slash < 0 ? String(address.bits) : entry.slice(slash + 1)
  if (!/^\d+$/.test(mask) || Number(mask) > address.bits) return `${shown} has no possible mask`
  const length = Number(mask)
  const hostMask = (1n << BigInt(address.bits - length)) - 1n
  if ((address.value & hostMask) !== 0n) return `${shown} has bits after its mask`
  return { ...address, length }
}

function parseAddress(text: string): Address | undefined {
  const value = text.includes(':') ? parseIPv6(text) : parseIPv4(text)
  return value === undefined ? undefined : { bits: text.includes(':') ? 128 : 32, value }
}

// inet_aton(3): up to four parts, the last of which fills what is left; a leading zero makes a part octal.
function parseIPv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length > 4 || !parts.every((part) => /^(?:0[0-7]*|[1-9]\d*)$/.test(part))) return undefined
  const numbers = parts.map((part) => BigInt(part.length > 1 && part.startsWith('0') ? `0o${part}` : part))
  const last = numbers.pop() ?? 0n
  const leftBits = BigInt(32 - 8 * numbers.length)
  if (last >= 1n << leftBits || numbers.some((number) => number > 255n)) return undefined
  return numbers.reduce((sum, number, index) => sum | (number << BigInt(24 - 8 * index)), last)
}

// RFC 4291 2.2: eight groups, one run of which may be left out, and the last two may be an IPv4 address.
function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half, index) => parseGroups(half, index === halves.length - 1))
  const [head, tail = []] = groups
  if (head === undefined || groups.includes(undefined)) return undefined
  const left = 8 - head.length - tail.length
  if (halves.length === 2 ? left < 1 : left !== 0) return undefined
  return [...head, ...Array<bigint>(left).fill(0n), ...tail].reduce((sum, group) => (sum << 16n) | group, 0n)
}

function parseGroups(half: string, mayEndInIPv4: boolean): readonly bigint[] | undefined {
  if (half === '') return []
  const texts = half.split(':')
  const groups = texts.flatMap((group, index): readonly (bigint | undefined)[] => {
    if (/^[0-9a-f]{1,4}$/i.test(group)) return [BigInt(`0x${group}`)]
    if (!mayEndInIPv4 || index !== texts.length - 1 || !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(group))
      return [undefined]
    const value = parseIPv4(group)
    return value === undefined ? [undefined] : [value >> 16n, value & 0xffffn]
  })
  return groups.every((group) => group !== undefined) ? groups : undefined
}
