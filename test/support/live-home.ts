// The homes of the live oracle: files written for an account, and what a program has made of them.

import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { hostNames, recordedNames } from './live-network.js'
import { scratchDir } from './run-dir.js'

/** Texts by their names relative to the home; `undefined` for no such file. */
export type Files = Readonly<Record<string, string | undefined>>

/** The account that owns a home. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** A new directory with these files, mode 0600 but for those in `modes`. */
export function makeHome(
  files: Files,
  { account, modes = {} }: { readonly account: Account; readonly modes?: Readonly<Record<string, number>> },
): string {
  const home = scratchDir('live-home')
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue
    const file = join(home, name)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, text)
    chmodSync(file, modes[name] ?? 0o600)
  }
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' })
  for (const name of ['', ...names]) chownSync(join(home, name), account.uid, account.gid)
  return home
}

/** Name and text of each file that is new or was changed, or `gone`. Hashed hosts are told as ssh-keygen finds them. */
export function changesOf(home: string, before: Files): Readonly<Record<string, string>> {
  const changes: Record<string, string> = {}
  const found = new Set<string>()
  for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const [name, text] = [relative(home, file), readFileSync(file, 'utf8')]
    found.add(name)
    if (text !== before[name]) changes[name] = text.includes('|1|') ? recordsOf(file) : text
  }
  for (const [name, text] of Object.entries(before)) {
    if (text !== undefined && !found.has(name)) changes[name] = 'gone'
  }
  return changes
}

/** What ssh-keygen finds for each host: line, type and fingerprint. The salts of two files are never the same. */
function recordsOf(file: string): string {
  const find = (name: string): string => {
    try {
      return execFileSync('ssh-keygen', ['-l', '-F', name, '-f', file]).toString()
    } catch {
      return `${name} is not there\n`
    }
  }
  return hostNames.map((name) => find(recordedNames[name])).join('')
}
