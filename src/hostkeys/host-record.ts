// What the known_hosts files say about one host, gathered from all of them. What follows from it: policy.ts.

import { expandHome } from '../config/home-path.js'
import type { Settings } from '../config/settings.js'
import type { KnownKeyRef } from '../errors.js'
import { lacksDescriptors } from '../lacks-descriptors.js'
import { findContent } from './files.js'
import { findHostLines, type HostLine, knownHostsName } from './known-hosts.js'
import type { HostKey } from './public-key.js'

/** A key on record, and where. */
export interface KnownKey extends HostKey, KnownKeyRef {}

/** A file that exists but could not be used, or a line that names the host but has no key. */
export interface Unread {
  /** `file` or `file:line`. */
  readonly where: string
  readonly problem: string
}

export interface HostRecord {
  /** The name that was looked up: the host, `[host]:port`, or the HostKeyAlias. */
  readonly lookupName: string
  readonly known: readonly KnownKey[]
  /** Keys of the same host without a port. They can vouch for a key, and never speak against one. */
  readonly withoutPort: readonly KnownKey[]
  readonly authorities: readonly KnownKey[]
  /** Revoked keys, under either name. */
  readonly revoked: readonly KnownKey[]
  readonly unreadFiles: readonly Unread[]
  readonly brokenLines: readonly Unread[]
  /** Where a new key is recorded; `undefined` when the settings name no user file. */
  readonly recordFile: string | undefined
}

export type HostKeyStatus = 'known' | 'unknown' | 'changed'

/**
 * Reads the user's files, then the global ones. A missing file is no fault; one that cannot be read is listed.
 * Rejects with `ConfigError` only, for a file name that cannot be expanded.
 */
export async function readHostRecord(
  settings: Settings,
  host: { readonly hostName: string; readonly port: number },
): Promise<HostRecord> {
  const alias = settings.hostKeyAlias?.toLowerCase()
  const lookupName = alias ?? knownHostsName(host.hostName, host.port)
  const bareName = alias ?? knownHostsName(host.hostName, 22)
  const userFiles = settings.userKnownHostsFile.map((file) => expandHome(file))
  const globalFiles = settings.globalKnownHostsFile.map((file) => expandHome(file))

  const unreadFiles: Unread[] = []
  const brokenLines: Unread[] = []
  const found: Record<HostLine['marker'] | 'withoutPort', KnownKey[]> = {
    none: [],
    'cert-authority': [],
    revoked: [],
    withoutPort: [],
  }
  for (const file of new Set([...userFiles, ...globalFiles])) {
    const content = await findContent(file).catch((error: unknown) => {
      // That says nothing about the file, and what it says about the host would be missed.
      if (lacksDescriptors(error)) throw error
      unreadFiles.push({ where: file, problem: error instanceof Error ? error.message : String(error) })
      return undefined
    })
    if (content === undefined) continue
    const text = content.toString('utf8')
    for (const { line, marker, key } of findHostLines(text, lookupName)) {
      if (key === undefined)
        brokenLines.push({ where: `${file}:${line}`, problem: 'no key that can be read' })
      else found[marker].push({ ...key, file, line })
    }
    if (bareName === lookupName) continue
    for (const { line, marker, key } of findHostLines(text, bareName)) {
      if (key === undefined || marker === 'cert-authority') continue
      const keys = found[marker === 'none' ? 'withoutPort' : marker]
      // A pattern may match both names; its line counts once.
      if (!keys.some((other) => other.file === file && other.line === line)) keys.push({ ...key, file, line })
    }
  }
  return {
    lookupName,
    known: found.none,
    withoutPort: found.withoutPort,
    authorities: found['cert-authority'],
    revoked: found.revoked,
    unreadFiles,
    brokenLines,
    recordFile: userFiles[0],
  }
}

/** Whether a key is the known one, another than the known ones (of whatever type), or the first of this host. */
export function hostKeyStatus(record: HostRecord, key: HostKey): HostKeyStatus {
  if (record.known.length > 0) return hasKey(record.known, key) ? 'known' : 'changed'
  return hasKey(record.withoutPort, key) ? 'known' : 'unknown'
}

/** The lines that make a key a known one; none for one that is not. */
export function vouchingFor(record: HostRecord, key: HostKey): readonly KnownKey[] {
  const keys = record.known.length > 0 ? record.known : record.withoutPort
  return keys.filter((known) => hasKey([known], key))
}

export function hasKey(keys: readonly HostKey[], key: HostKey): boolean {
  return keys.some((other) => other.blob.equals(key.blob))
}
