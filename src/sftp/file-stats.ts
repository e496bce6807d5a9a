// Between the attributes of the wire and what programs get and set.

import { checkNames, checkOption } from '../option-check.js'
import type { Attributes } from './protocol/attributes.js'
import { fileTypeBits } from './protocol/numbers.js'
import type { FileStats, FileType, StatChanges } from './sftp.js'

const types: ReadonlyMap<number, FileType> = new Map([
  [fileTypeBits.file, 'file'],
  [fileTypeBits.directory, 'directory'],
  [fileTypeBits.symlink, 'symlink'],
  [fileTypeBits.fifo, 'fifo'],
  [fileTypeBits.socket, 'socket'],
  [fileTypeBits.blockDevice, 'block device'],
  [fileTypeBits.characterDevice, 'character device'],
] as const)

/** Frozen. A mode without the bits of a type is of an `unknown` one. */
export function fileStats({ size, owner, mode, times }: Attributes): FileStats {
  return Object.freeze({
    type: (mode !== undefined && types.get(mode & fileTypeBits.mask)) || 'unknown',
    size,
    mode: mode === undefined ? undefined : mode & 0o7777,
    uid: owner?.uid,
    gid: owner?.gid,
    accessedAt: times && new Date(times.accessed * 1000),
    modifiedAt: times && new Date(times.modified * 1000),
  })
}

const changeNames: Readonly<Record<keyof StatChanges, true>> = {
  size: true,
  mode: true,
  owner: true,
  times: true,
}

/** Throws TypeError for values that the protocol cannot carry, and for changes that there are not. */
export function changedAttributes(changes: StatChanges): Attributes {
  checkNames(changes, changeNames)
  const { size, mode, owner, times } = changes
  checkOption('size', size === undefined || (Number.isSafeInteger(size) && size >= 0), 'a count of bytes')
  checkMode(mode)
  checkOption('owner', owner === undefined || (isUint32(owner.uid) && isUint32(owner.gid)), 'two numbers')
  return { size, mode, owner, times: times && wireTimes(times) }
}

/** Throws TypeError for a mode with more than permissions. */
export function checkMode(mode: number | undefined): void {
  const holds = mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777)
  checkOption('mode', holds, 'permissions, from 0 to 0o7777')
}

function wireTimes({ accessedAt, modifiedAt }: NonNullable<StatChanges['times']>) {
  const [accessed, modified] = [accessedAt, modifiedAt].map((date) => Math.floor(date.getTime() / 1000))
  const holds = isUint32(accessed) && isUint32(modified)
  if (!holds) throw new TypeError('option times: must be from 1970 to 2106')
  return { accessed, modified }
}

function isUint32(value: number | undefined): value is number {
  return Number.isInteger(value) && value !== undefined && value >= 0 && value < 2 ** 32
}
