// Uploads: what goes where, and each file whole or not at all.

import type { Acquire } from '../hops/lease.js'
import type { PutSource, TransferOptions, TransferResult } from './transfer.js'

/** `remote` is a path; empty or undefined for the name of the source in the home directory. */
export async function put(
  _acquire: Acquire,
  _files: { readonly local: PutSource; readonly remote: string | undefined },
  _options: TransferOptions = {},
): Promise<TransferResult> {
  throw new Error('not there yet')
}
