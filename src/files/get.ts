// Downloads: what goes where, and each file whole or not at all.

import type { Acquire } from '../hops/lease.js'
import type { BytesResult, GetTarget, TransferOptions, TransferResult } from './transfer.js'

/** `local` undefined stands for the name of the remote file in the working directory. */
export async function get(
  _acquire: Acquire,
  _files: { readonly remote: string; readonly local: GetTarget | undefined },
  _options: TransferOptions = {},
): Promise<TransferResult | BytesResult> {
  throw new Error('not there yet')
}
