// The files of --output-dir: names that lead nowhere else and are nobody else's, for this user's eyes alone.

import { createHash } from 'node:crypto'
import { constants, type WriteStream } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SallyportError } from '../index.js'

const longestName = 120

/**
 * A name for the files of each member by its id, made of its label: letters, digits and `.@_-`, where anything else is
 * `%` and its bytes in hexadecimal. Two that a file system might take for one are told apart by a number.
 */
export function fileNames(labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const taken = new Set<string>()
  return new Map(
    [...labels].map(([id, label]) => {
      const name = shortened(safeName(label))
      let unique = name
      for (let number = 2; taken.has(unique.toLowerCase()); number += 1) unique = `${name}~${number}`
      taken.add(unique.toLowerCase())
      return [id, unique]
    }),
  )
}

/** A dot at the beginning would hide the file, or be a way up; a dash would be an option. */
function safeName(label: string): string {
  return [...Buffer.from(label, 'utf8')]
    .map((byte, index) => {
      const character = String.fromCharCode(byte)
      const isSafe = /[A-Za-z0-9@_]/.test(character) || (index > 0 && /[.-]/.test(character))
      return isSafe ? character : `%${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}

function shortened(name: string): string {
  if (name.length <= longestName) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${name.slice(0, longestName - 17)}~${digest}`
}

/** Makes the directory, with those above it, for this user alone; one that is there is left as it is. */
export async function makeOutputDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
  } catch (cause) {
    throw new SallyportError('LOCAL_FILE_FAILED', `--output-dir: ${directory} could not be made`, { cause })
  }
}

/** One after the other: the recursive way of Node 20 never ends where nothing can be made, as in /proc. */
async function makeDirectory(directory: string): Promise<void> {
  const above = dirname(directory)
  if (above !== directory && !(await isDirectory(above))) await makeDirectory(above)
  try {
    await mkdir(directory, { mode: 0o700 })
  } catch (error) {
    if (!(await isDirectory(directory))) throw error
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** A file that is being written, and how its failure is told. */
export interface HostFile {
  readonly path: string
  readonly stream: WriteStream
  readonly failed: (cause: unknown) => Error
}

/** Opens a file for writing, empty and for this user alone. Follows no link. Rejects with LOCAL_FILE_FAILED. */
export async function openHostFile(directory: string, name: string): Promise<HostFile> {
  const path = join(directory, name)
  const failed = (cause: unknown): Error =>
    new SallyportError('LOCAL_FILE_FAILED', `${path} could not be written`, { cause })
  try {
    const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants
    const handle = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    try {
      await handle.chmod(0o600)
    } catch (error) {
      await handle.close()
      throw error
    }
    const stream = handle.createWriteStream()
    stream.on('error', () => {})
    return { path, stream, failed }
  } catch (cause) {
    throw failed(cause)
  }
}
