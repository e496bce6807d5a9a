// Public keys for tests: rightly encoded, of random content, and contexts to judge them in.

import { randomBytes } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { programOrigin, runtimeLayer } from '../../../src/config/runtime.js'
import { type SettingName, type Settings, settingsTable } from '../../../src/config/settings.js'
import type { WarningEvent } from '../../../src/diagnostics.js'
import type { HopRef } from '../../../src/errors.js'
import { fingerprintOf } from '../../../src/fingerprint.js'
import type { HostKeyContext } from '../../../src/hostkeys/plan.js'
import type { OfferedHostKey } from '../../../src/wire/wire.js'

export function field(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

export function offeredKey(type: string, ...fields: readonly Buffer[]): OfferedHostKey {
  const blob = Buffer.concat([field(type), ...fields.map(field)])
  return { type, blob, fingerprint: fingerprintOf(blob) }
}

export const ed25519Key = (): OfferedHostKey => offeredKey('ssh-ed25519', randomBytes(32))

export const rsaKey = (): OfferedHostKey =>
  offeredKey(
    'ssh-rsa',
    Buffer.from([1, 0, 1]),
    Buffer.concat([Buffer.from([0, 0x80 | (randomBytes(1)[0] ?? 0)]), randomBytes(255)]),
  )

export const ecdsaKey = (): OfferedHostKey =>
  offeredKey(
    'ecdsa-sha2-nistp256',
    Buffer.from('nistp256'),
    Buffer.concat([Buffer.from([4]), randomBytes(64)]),
  )

/** `type base64`, as in known_hosts. */
export function keyText(key: OfferedHostKey): string {
  return `${key.type} ${key.blob.toString('base64')}`
}

const defaults = Object.fromEntries(
  Object.entries(settingsTable).map(([name, { default: value }]) => [name, value]),
) as unknown as Settings

export const directHop: HopRef = { index: 0, count: 1, user: 'me', host: 'db', port: 22 }
export const secondHop: HopRef = { index: 1, count: 2, user: 'me', host: 'db', port: 22, via: 'edge' }

const noFiles = { userKnownHostsFile: [], globalKnownHostsFile: [] }

/** A context for `db.internal`, with settings as a program gives them and no known_hosts files unless given. */
export function contextFor(
  settings: Partial<Pick<Settings, SettingName>>,
  rest: Partial<Omit<HostKeyContext, 'settings'>> = {},
): HostKeyContext {
  return {
    hop: directHop,
    hostName: 'db.internal',
    port: 22,
    ask: undefined,
    algorithms: undefined,
    remoteAddress: () => undefined,
    signal: new AbortController().signal,
    settings: { ...defaults, ...runtimeLayer({ ...noFiles, ...settings }, [], programOrigin).values },
    ...rest,
  }
}

/** What `work` warned of. */
export async function warningsOf(work: () => Promise<unknown>): Promise<readonly WarningEvent[]> {
  const seen: WarningEvent[] = []
  const listen = (event: unknown): void => {
    seen.push(event as WarningEvent)
  }
  const warnings = channel('sallyport:warning')
  warnings.subscribe(listen)
  try {
    await work()
  } finally {
    warnings.unsubscribe(listen)
  }
  return seen
}
