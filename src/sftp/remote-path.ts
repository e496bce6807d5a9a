// Paths of the server: what a caller may pass, their bytes, and how they are shown. Bytes that are not UTF-8 are kept.

import { printable } from '../printable.js'
import type { RemotePath } from './sftp.js'

/** The bytes of a path. Throws TypeError for what is no path, an empty one, or one with a NUL. */
export function pathBytes(path: RemotePath): Buffer {
  if (typeof path !== 'string' && !(path instanceof Uint8Array)) {
    throw new TypeError('path: must be text or bytes')
  }
  const bytes = Buffer.from(path)
  if (bytes.length === 0 || bytes.includes(0)) throw new TypeError('path: must not be empty, nor have a NUL')
  return bytes
}

/** A path as a message shows it. */
export function shownPath(path: RemotePath): string {
  return printable(typeof path === 'string' ? path : Buffer.from(path).toString('utf8'), 1024)
}

/** The directory in which the last part of the path is; `undefined` for a path of one part. */
export function findParent(path: Buffer): Buffer | undefined {
  const end = lengthWithoutSlashes(path, path.length)
  const slash = path.subarray(0, end).lastIndexOf('/')
  if (slash === -1 || end === 0) return undefined
  const parent = path.subarray(0, lengthWithoutSlashes(path, slash))
  return parent.length === 0 ? undefined : parent
}

function lengthWithoutSlashes(path: Buffer, length: number): number {
  let end = length
  while (end > 0 && path[end - 1] === 0x2f) end--
  return end
}
