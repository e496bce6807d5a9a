// What a file is called before it is whole.

import { createHash, randomBytes } from 'node:crypto'
import type { BytePath } from './byte-path.js'
import { joinPath, splitPath } from './byte-path.js'

/** The longest name that file systems take, in bytes. */
const maxNameBytes = 255

/** A path beside this one that nobody can guess: `.name.<128 bits>.part`. */
export function temporaryBeside(path: BytePath): BytePath {
  return beside(path, randomBytes(16).toString('hex'))
}

/** What must not change between the beginning of a transfer and its resumption. */
export interface SourceVersion {
  /** The path of the source, with the machine that has it. */
  readonly from: string
  readonly size: number
  /** Of a file of the server in whole seconds, as the protocol has them. */
  readonly modifiedAt: Date | undefined
}

/** The path beside this one of what an interrupted transfer of exactly this source left. */
export function partialBeside(path: BytePath, version: SourceVersion): BytePath {
  const { from, size, modifiedAt } = version
  const text = JSON.stringify([Buffer.from(path).toString('hex'), from, size, modifiedAt?.getTime()])
  return beside(path, `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.resume`)
}

/** Whether a name is that of a partial file of this path, of whatever version of whatever source. */
export function isPartialOf(path: BytePath, rawName: Buffer): boolean {
  const sample = splitPath(partialBeside(path, { from: '', size: 0, modifiedAt: undefined })).name.rawName
  const end = Buffer.from('.resume.part')
  const digestAt = sample.length - end.length - 32
  return (
    rawName.length === sample.length &&
    rawName.subarray(0, digestAt).equals(sample.subarray(0, digestAt)) &&
    rawName.subarray(-end.length).equals(end) &&
    /^[0-9a-f]{32}$/.test(rawName.subarray(digestAt, -end.length).toString('latin1'))
  )
}

function beside(path: BytePath, middle: string): BytePath {
  const { directory, name } = splitPath(path)
  const end = Buffer.from(`.${middle}.part`)
  const rawName = Buffer.concat([Buffer.from('.'), shorten(name.rawName, maxNameBytes - 1 - end.length), end])
  return joinPath(directory, { name: rawName.toString(), rawName })
}

/** At most `length` bytes of the name, without the half of a character at the end. */
function shorten(name: Buffer, length: number): Buffer {
  if (name.length <= length) return name
  let end = length
  while (end > length - 3 && ((name[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return name.subarray(0, end)
}
