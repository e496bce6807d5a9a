// Paths whose names may not be UTF-8: text while it can be, and else the very bytes.

import { printable } from '../printable.js'

/** A path here or there. */
export type BytePath = string | Buffer

/** The name of an entry as text, and as it is. */
export interface EntryName {
  readonly name: string
  readonly rawName: Buffer
}

const slash = Buffer.from('/')

/** The path of an entry of a directory. */
export function joinPath(directory: BytePath, { name, rawName }: EntryName): BytePath {
  if (typeof directory === 'string' && Buffer.from(name).equals(rawName)) {
    if (directory === '') return name
    return directory.endsWith('/') ? directory + name : `${directory}/${name}`
  }
  const start = Buffer.from(directory)
  return start.length === 0 || start.at(-1) === slash[0]
    ? Buffer.concat([start, rawName])
    : Buffer.concat([start, slash, rawName])
}

/** An entry's name, from text. */
export function entryName(name: string): EntryName {
  return { name, rawName: Buffer.from(name) }
}

/** The directory that a path is in, and its name there. The path has no slash at its end. */
export function splitPath(path: BytePath): { readonly directory: BytePath; readonly name: EntryName } {
  const bytes = Buffer.from(path)
  const at = bytes.lastIndexOf('/')
  const rawName = bytes.subarray(at + 1)
  const start = bytes.subarray(0, at === 0 ? 1 : Math.max(0, at))
  return {
    directory: typeof path === 'string' ? start.toString() : start,
    name: { name: rawName.toString(), rawName },
  }
}

/** Without the slashes at its end, but for the root. */
export function withoutEndSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '')
}

/** For messages, results and progress: all but what is not UTF-8. */
export function pathText(path: BytePath): string {
  return path.toString()
}

/** For messages: one line, whatever is in the path. */
export function shownPath(path: BytePath): string {
  return printable(path.toString(), 4096)
}
