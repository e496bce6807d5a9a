// -L, -R, -D, -g and -W: what ssh(1) takes as one word, in the two words of ssh_config(5), so that the flags and the
// files are read by one reader and gathered in ssh's order. What -W names is an address for this program itself.

import { type Address, ConfigError, parseSshConfig } from '../index.js'
import type { Flag, Invocation } from './command-line.js'
import { MisuseError } from './misuse.js'

const keywords: Readonly<Record<string, string>> = {
  '-L': 'LocalForward',
  '-R': 'RemoteForward',
  '-D': 'DynamicForward',
}

const examples: Readonly<Record<string, string>> = {
  '-L': '-L 8080:db.internal:80, -L [::1]:8080:/run/app.sock, or -L /tmp/db.sock:db.internal:5432',
  '-R': '-R 8080:localhost:3000, or -R 1080 for a proxy',
  '-D': '-D 1080, or -D 127.0.0.2:1080',
}

/** The flag as a line of ssh_config(5); `undefined` for a flag that forwards nothing. */
export function findForwardDirective({ letter, value }: Flag): string | undefined {
  if (letter === '-g') return 'GatewayPorts=yes'
  const keyword = keywords[letter]
  return keyword === undefined ? undefined : `${keyword} ${wordsOf(letter, value).map(quoted).join(' ')}`
}

/** Reads the forwards of the command line. Rejects with `MisuseError`, which names the flag and what it was given. */
export async function checkForwards({ command, flags }: Invocation): Promise<void> {
  for (const flag of flags) {
    const { letter, value } = flag
    const keyword = keywords[letter]
    const directive = findForwardDirective(flag)
    if (keyword === undefined || directive === undefined) continue
    try {
      if (value.trim() === '') throw new MisuseError('bad forwarding specification')
      if (/[\0\r\n]/.test(value)) throw new MisuseError('must be one line, without NUL')
      await parseSshConfig(directive, { file: letter }).lookUp({ host: 'unnamed' })
    } catch (error) {
      const what = reasonOf(error, keyword)
      if (what === undefined) throw error
      const hint = `for example ${examples[letter]}`
      throw new MisuseError(`${letter}: ${what}: ${JSON.stringify(value)}`, { command, hint })
    }
  }
}

function reasonOf(error: unknown, keyword: string): string | undefined {
  if (error instanceof MisuseError) return error.message
  if (!(error instanceof ConfigError)) return undefined
  const message = error.problems[0]?.message ?? error.message
  return message.startsWith(`${keyword}: `) ? message.slice(keyword.length + 2) : message
}

/** Where -W leads; `undefined` without -W. Throws `MisuseError`. */
export function findStreamAddress({ command, flags }: Invocation): Address | undefined {
  const [first, second] = flags.filter(({ letter }) => letter === '-W')
  if (first === undefined) return undefined
  if (second !== undefined) throw new MisuseError('-W was given twice', { command })
  const { value } = first
  const [, inBrackets, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value) ?? []
  const host = inBrackets ?? plain
  if (host !== undefined && isPort(port)) return { host, port: Number(port) }
  if (value.startsWith('/')) return { path: value }
  throw new MisuseError(`-W: must be host:port or /path, and is ${JSON.stringify(value)}`, {
    command,
    hint: 'for example -W db.internal:5432, or -W [2001:db8::1]:5432',
  })
}

/** Where the words of `nc` lead. Throws `MisuseError`. */
export function streamAddress({ command, words }: Invocation): Address {
  const [first = '', port] = words
  if (port === undefined) return { path: first }
  const host = /^\[(.+)\]$/.exec(first)?.[1] ?? first
  if (isPort(port)) return { host, port: Number(port) }
  throw new MisuseError(`the port must be a number from 1 to 65535, and is ${JSON.stringify(port)}`, {
    command,
  })
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

/** Where to listen and, but for a proxy, where it leads. ssh puts the two words of a file together again. */
function wordsOf(letter: string, value: string): readonly string[] {
  const fields = fieldsOf(value)
  if (letter === '-D' || (letter === '-R' && leadsNowhere(fields))) return [value]
  // Anywhere between two fields is as good.
  const [before, last = ''] = [fields.slice(0, -1).join(':'), fields.at(-1)]
  return before === '' || last === '' ? [value] : [before, last]
}

/** `port`, `bind:port` or a path alone. */
function leadsNowhere(fields: readonly string[]): boolean {
  return fields.length < 2 || (fields.length === 2 && !fields.some((field) => field.includes('/')))
}

/** What stands between the colons of a forward that are neither in brackets nor behind a backslash. */
function fieldsOf(text: string): readonly string[] {
  return text.match(/(?:^|(?<=:))(?:\[[^\]]*\]|\\.|[^:\\])*(?:\\$)?/gs) ?? []
}

/** One word of a line, whatever is in it. */
function quoted(word: string): string {
  return `"${word.replace(/["\\]/g, '\\$&')}"`
}
