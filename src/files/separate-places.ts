// Several sources have several places.

import { type HopRef, SftpError } from '../errors.js'
import { shownPath } from './byte-path.js'

/** Where a source is to be. */
export interface WantedPlace {
  readonly from: string
  readonly to: string
}

/** Throws TRANSFER_FAILED when two have one place. `ignoresCase` says that names may differ in case and be the same. */
export function requireSeparatePlaces(
  wanted: readonly WantedPlace[],
  { hop, ignoresCase }: { readonly hop: HopRef; readonly ignoresCase: boolean },
): void {
  const seen = new Map<string, string>()
  for (const { from, to } of wanted) {
    const key = ignoresCase ? to.normalize('NFC').toLowerCase() : to
    const other = seen.get(key)
    seen.set(key, from)
    if (other === undefined) continue
    const path = shownPath(to)
    const what = `${shownPath(other)} and ${shownPath(from)} would both become ${path}`
    throw new SftpError('TRANSFER_FAILED', what, { path, hop })
  }
}
