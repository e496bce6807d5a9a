// What a transfer gives back.

import type { TransferResult } from './transfer.js'
import type { TransferSession } from './transfer-session.js'

/** The books as they stand. Frozen. `begun` is a `performance.now()`. */
export function transferResult(
  { hop, ledger }: TransferSession,
  facts: { readonly begun: number; readonly local: string | undefined; readonly remote: string },
): TransferResult {
  const { files, directories, bytes, skipped } = ledger
  return Object.freeze({
    host: hop.host,
    local: facts.local,
    remote: facts.remote,
    files,
    directories,
    bytes,
    durationMs: performance.now() - facts.begun,
    skipped: Object.freeze([...skipped]),
  })
}
