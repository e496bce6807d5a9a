// The hosts that a file or a stream names: one on a line, with comments and empty lines between them.

import { abortError } from '../aborted.js'
import type { CallOptions } from '../dialer.js'
import { ConfigError, type ConfigProblem } from '../errors.js'
import { checkNames, checkOption, checkSignal } from '../option-check.js'
import { printable } from '../printable.js'
import { parseDestination } from '../route/destination.js'
import { readUntil } from './interruptible-reading.js'

/** Text, or what gives it: `createReadStream('hosts.txt')`, `process.stdin`. A stream is read to its end. */
export type HostsSource = string | AsyncIterable<string | Uint8Array>

export interface ReadHostsOptions extends Pick<CallOptions, 'signal'> {
  /** How errors name the source: `hosts.txt`, `standard input`. Default `hosts`. */
  readonly name?: string | undefined
}

/** More is no list of hosts. */
const mostBytes = 16 * 1024 * 1024
/** So many mistakes are told; who has more has another kind of file. */
const mostProblems = 20

/**
 * Reads hosts, one on a line, as of `new Connection`; `#` begins a comment at the beginning of a line or after a blank.
 * Rejects with ConfigError: CONFIG_INVALID, with all that is wrong and its lines in `problems`, or CONFIG_UNUSABLE for
 * more than 16 MiB and for what is no UTF-8; with AbortError; or with what the stream fails with.
 */
export async function readHosts(
  source: HostsSource,
  options: ReadHostsOptions = {},
): Promise<readonly string[]> {
  checkNames(options, { signal: true, name: true })
  const { name = 'hosts', signal = new AbortController().signal } = options
  checkSignal(signal)
  checkOption('name', typeof name === 'string' && name !== '', 'text')
  const isStream = typeof source === 'object' && source !== null && Symbol.asyncIterator in source
  if (typeof source !== 'string' && !isStream) throw new TypeError('source: must be text, or a stream of it')
  return hostsIn(typeof source === 'string' ? source : await textOf(source, { name, signal }), name)
}

function hostsIn(text: string, name: string): readonly string[] {
  const hosts: string[] = []
  const problems: ConfigProblem[] = []
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const host = line.replace(/(?:^|\s)#.*$/s, '').trim()
    if (host === '' || problems.length === mostProblems) continue
    const origin = `${name}:${index + 1}`
    try {
      parseDestination(host, origin)
      hosts.push(host)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push({ origin, message: error.message.slice(origin.length + 2) })
    }
  }
  const [first] = problems
  if (first === undefined) return Object.freeze(hosts)
  const { origin, message } = first
  throw new ConfigError('CONFIG_INVALID', `${printable(origin, 300)}: ${message}`, {
    origin,
    problems,
    phase: 'resolve',
  })
}

async function textOf(
  source: Exclude<HostsSource, string>,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<string> {
  if (signal.aborted) throw abortError(signal.reason, { phase: 'resolve' })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of readUntil(source, signal)) {
      bytes += chunk.length
      if (bytes > mostBytes) throw unusable(name, `has more than ${mostBytes} bytes`)
      text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (signal.aborted) throw abortError(signal.reason, { phase: 'resolve' })
    throw error instanceof TypeError && isEncodingError(error) ? unusable(name, 'is not UTF-8') : error
  }
}

function isEncodingError(error: TypeError): boolean {
  return Reflect.get(error, 'code') === 'ERR_ENCODING_INVALID_ENCODED_DATA'
}

function unusable(name: string, what: string): ConfigError {
  return new ConfigError('CONFIG_UNUSABLE', `${printable(name, 300)}: ${what}`, {
    origin: name,
    phase: 'resolve',
  })
}
