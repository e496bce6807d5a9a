// Which hosts -H names: some by their names, those of a file or of standard input, and those of a configured group.

import { createReadStream } from 'node:fs'
import { ConfigError, groupHosts, readHosts, SallyportError } from '../index.js'
import type { Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'
import { sourcesOf } from './options.js'

/**
 * The hosts in the order of the command line; at least one. Rejects with `MisuseError`, with `ConfigError`, whose
 * origins are the lines of the file, or with LOCAL_FILE_FAILED.
 */
export async function namedHosts(invocation: Invocation, signal: AbortSignal): Promise<readonly string[]> {
  const { command, flags } = invocation
  const items = flags
    .filter(({ letter }) => letter === '-H')
    .flatMap(({ value }) => value.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (items.filter((item) => item === '@-').length > 1) {
    throw new MisuseError('-H @- was given twice: standard input can be read only once', { command })
  }
  const hosts: string[] = []
  for (const item of items) hosts.push(...(await hostsOf(item, invocation, signal)))
  if (hosts.length > 0) return hosts
  const hint = 'for example -H web1,web2, -H @hosts.txt, or -H %web for a configured group'
  throw new MisuseError('-H names no host', { command, hint })
}

async function hostsOf(
  item: string,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (item === '@-') return readHosts(process.stdin, { name: 'standard input', signal })
  if (item.startsWith('@')) return hostsOfFile(item.slice(1), signal)
  if (item.startsWith('%')) return hostsOfGroup(item.slice(1), invocation, signal)
  return [item]
}

async function hostsOfFile(file: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await readHosts(createReadStream(file), { name: file, signal })
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    const hint = 'give a file with one host on each line'
    throw new SallyportError('LOCAL_FILE_FAILED', `-H @${file}: could not be read`, { hint, cause })
  }
}

async function hostsOfGroup(
  name: string,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await groupHosts(name, { config: sourcesOf(invocation).config, signal })
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'INVALID_OPTION') throw error
    throw new MisuseError(`-H %${name}: ${error.message}`, { command: invocation.command, hint: error.hint })
  }
}
