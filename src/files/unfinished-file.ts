// A file before it is whole: what is known of it, when it goes to the disk, and when it is of no use any more.

import type { Hash } from 'node:crypto'
import { SftpError } from '../errors.js'
import type { SftpFile } from '../sftp/sftp.js'
import type { BytePath } from './byte-path.js'

/**
 * A file of several is synced to the disk from this size on before it takes its place; one that is alone always is. To
 * sync each of many small files would take longer than all the rest.
 */
export const syncFromBytes = 1024 * 1024

/** An upload that has been begun, perhaps by an earlier transfer. */
export interface BegunUpload {
  readonly temporary: BytePath
  readonly file: SftpFile
  /** Bytes that are there already. */
  readonly from: number
}

/** What is to be begun, or gone on with. */
export interface WantedPartial {
  readonly path: BytePath
  readonly mode: number | undefined
  readonly hash: Hash | undefined
  /** Whether it is the only file: then what is left of other versions of it is removed. */
  readonly isAlone: boolean
}

/** Whether what an interrupted transfer left can not be gone on with. */
export function isUseless(error: unknown): boolean {
  return error instanceof SftpError && ['FILE_CHANGED', 'CHECKSUM_MISMATCH'].includes(error.code)
}
