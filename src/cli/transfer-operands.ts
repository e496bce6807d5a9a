// The names of `put` and `get`: which are here and which on a host, in scp's habits. A name with a colon before its first
// slash is on a host; one here is written ./a:b.

import type { Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'

/** One name of the command line. */
export type Operand =
  | { readonly at: 'here'; readonly path: string }
  /** Standard input or output: `-`. */
  | { readonly at: 'stream' }
  /** `destination` is for `parseDestination`; an empty path is the home directory. */
  | { readonly at: 'host'; readonly destination: string; readonly path: string }

export interface PutOperands {
  readonly destination: string
  readonly sources: readonly Exclude<Operand, { readonly at: 'host' }>[]
  /** On the host; empty for the home directory. */
  readonly target: string
}

export interface GetOperands {
  readonly destination: string
  /** Paths on the host. */
  readonly sources: readonly string[]
  readonly target: Exclude<Operand, { readonly at: 'host' }>
}

/** Reads one name. Throws `MisuseError` when it is none. */
export function readOperand(word: string): Operand {
  if (word === '') throw new MisuseError('a name is empty')
  if (word.includes('\0')) throw new MisuseError('a name with NUL')
  if (word === '-') return { at: 'stream' }
  const [, authority, inUri = ''] = /^(?:scp|ssh):\/\/([^/]*)(?:\/(.*))?$/is.exec(word) ?? []
  if (authority !== undefined) {
    return { at: 'host', destination: `ssh://${authority}`, path: decoded(inUri) }
  }
  const [, destination, path = ''] = onHost.exec(word) ?? []
  return destination === undefined ? { at: 'here', path: word } : { at: 'host', destination, path }
}

// As scp: up to the first colon, unless a slash or nothing is before it; those within brackets do not count.
const onHost = /^((?:[^:/]*@)?\[[^\]/]*\]|(?!\[)(?:(?!@\[)[^:/])+):(.*)$/s

// draft-ietf-secsh-scp-sftp-ssh-uri, as OpenSSH reads it: what follows the first slash, so that // begins an absolute path.
function decoded(path: string): string {
  try {
    const plain = decodeURIComponent(path)
    if (!plain.includes('\0')) return plain
  } catch {}
  throw new MisuseError('the path of the address has a broken percent sequence')
}

/** Throws `MisuseError`. */
export function readPutOperands({ words }: Invocation): PutOperands {
  const hint =
    'write sallyport put file... host:[path]; the name of a file here with a colon is written ./a:b'
  const misuse = (what: string): MisuseError => new MisuseError(what, { command: 'put', hint })
  const operands = words.map(readOperand)
  const target = operands.at(-1)
  if (target?.at !== 'host') throw misuse('no host: the last name must be host:path or host:')
  const sources = operands.slice(0, -1).map((operand) => {
    if (operand.at === 'host') throw misuse('only the last name can be on a host')
    return operand
  })
  if (sources.length === 0) throw misuse('there is nothing to copy')
  if (sources.some(({ at }) => at === 'stream')) {
    if (sources.length > 1) throw misuse('standard input goes alone')
    if (target.path === '' || target.path.endsWith('/')) {
      throw misuse('standard input has no name: say what the file is called on the host')
    }
  }
  return { destination: target.destination, sources, target: target.path }
}

/** Without a name here, the working directory. Throws `MisuseError`. */
export function readGetOperands({ words }: Invocation): GetOperands {
  const hint =
    'write sallyport get host:path... [file]; the name of a file here with a colon is written ./a:b'
  const misuse = (what: string): MisuseError => new MisuseError(what, { command: 'get', hint })
  const operands = words.map(readOperand)
  const last = operands.at(-1)
  const target = last === undefined || last.at === 'host' ? undefined : last
  const remote = (target === undefined ? operands : operands.slice(0, -1)).map((operand) => {
    if (operand.at !== 'host') throw misuse('only the last name can be here')
    return operand
  })
  const [first] = remote
  if (first === undefined) throw misuse('no host: name what to copy as host:path')
  if (remote.some(({ destination }) => destination !== first.destination)) {
    throw misuse('the names are on several hosts: copy from one at a time')
  }
  if (remote.some(({ path }) => path === ''))
    throw misuse('no path after the host: write host:. for all of it')
  if (remote.length > 1 && target?.at === 'stream') throw misuse('standard output takes one file')
  return {
    destination: first.destination,
    sources: remote.map(({ path }) => path),
    target: target ?? { at: 'here', path: '.' },
  }
}
