// Which algorithms are offered, and what the server's own list says (SSH_MSG_KEXINIT, RFC 4253 7.1).

import { usualSignatureAlgorithms } from '../signature-algorithms.js'
import { loginAlgorithms } from './public-key.js'
import { engineAlgorithms } from './ssh2-engine.js'
import type { AlgorithmLists } from './wire.js'

/** The lists that are offered, with nothing left open. */
export type OfferedAlgorithms = { readonly [K in keyof AlgorithmLists]-?: readonly string[] }

/** Fills the open lists with the engine's own, but for SHA-1 and for compression, which have to be asked for. */
export function offeredAlgorithms(lists: AlgorithmLists): OfferedAlgorithms {
  return {
    kex: lists.kex ?? engineAlgorithms.DEFAULT_KEX,
    hostKey: lists.hostKey ?? usualSignatureAlgorithms,
    cipher: lists.cipher ?? engineAlgorithms.DEFAULT_CIPHER,
    mac: lists.mac ?? engineAlgorithms.DEFAULT_MAC,
    compression: lists.compression ?? ['none'],
    userKey: lists.userKey ?? loginAlgorithms,
  }
}

/** Those of the named algorithms that the engine does not have. */
export function unsupportedAlgorithms(lists: AlgorithmLists): readonly string[] {
  const pairs = [
    [lists.kex, engineAlgorithms.SUPPORTED_KEX],
    [lists.hostKey, engineAlgorithms.SUPPORTED_SERVER_HOST_KEY],
    [lists.cipher, engineAlgorithms.SUPPORTED_CIPHER],
    [lists.mac, engineAlgorithms.SUPPORTED_MAC],
    [lists.compression, engineAlgorithms.SUPPORTED_COMPRESSION],
    [lists.userKey, loginAlgorithms],
  ] as const
  return pairs.flatMap(([named, supported]) => (named ?? []).filter((name) => !supported.includes(name)))
}

/** What a server offers, for messages: what was agreed on, the engine says. */
export interface ServerAlgorithms {
  readonly kex: readonly string[]
  readonly hostKey: readonly string[]
  readonly cipher: readonly string[]
  readonly mac: readonly string[]
}

const kexInit = 20
/** SSH_MSG_IGNORE, UNIMPLEMENTED and DEBUG, which may stand before any other message (RFC 4253 11). */
const withoutMeaning: readonly (number | undefined)[] = [2, 3, 4]

/**
 * Reads the server's first packet with a meaning from the bytes that follow its version line. `undefined` while more
 * bytes are needed, and for what is no SSH_MSG_KEXINIT: judging that is the engine's part.
 */
export function findServerAlgorithms(bytes: Buffer): ServerAlgorithms | undefined {
  for (let rest = bytes; rest.length >= 6; ) {
    const end = 4 + rest.readUInt32BE(0)
    if (end > 35_004 || rest.length < end) return undefined
    if (rest[5] === kexInit) return readKexInit(rest.subarray(0, end))
    if (!withoutMeaning.includes(rest[5])) return undefined
    rest = rest.subarray(end)
  }
  return undefined
}

function readKexInit(packet: Buffer): ServerAlgorithms | undefined {
  const lists: string[][] = []
  let at = 5 + 1 + 16
  while (lists.length < 6) {
    if (at + 4 > packet.length) return undefined
    const length = packet.readUInt32BE(at)
    if (at + 4 + length > packet.length) return undefined
    lists.push(packet.toString('latin1', at + 4, at + 4 + length).split(','))
    at += 4 + length
  }
  const [kex = [], hostKey = [], , cipher = [], , mac = []] = lists
  return { kex, hostKey, cipher, mac }
}
