// A route as the command line with which OpenSSH goes the same way. It stands by itself: no ssh_config is read (-F none),
// and what the route took from one is said in its words.

import { hidden, withoutSecrets, withoutSecretWords } from '../secret-text.js'
import { formatDestination } from './destination.js'
import { type Hop, type Route, targetOf } from './route.js'
import { findObstacleOfCommand, settingWords, withLiteralPercent } from './ssh-words.js'

/** A command line of OpenSSH for a route. */
export interface SshCommand {
  /** The program and its arguments, none of them quoted. */
  readonly args: readonly string[]
  /** The same, quoted for sh. */
  readonly text: string
  /** What the command line cannot say, one line each. */
  readonly remarks: readonly string[]
}

/**
 * The equivalent command line. Gateways about which there is nothing to say but user and port are hosts of `-J`; the
 * others are a ProxyCommand. Secrets are not in it.
 */
export function sshCommand(route: Route): SshCommand {
  const remarks: string[] = []
  const args = sshTo(route.hops, { role: 'target', remarks })
  return { args, text: quoteWords(args), remarks: [...new Set(remarks)] }
}

/** The words that lead to the last of these hops. */
function sshTo(
  hops: readonly Hop[],
  { role, remarks }: { readonly role: 'target' | 'gateway'; readonly remarks: string[] },
): readonly string[] {
  const hop = targetOf({ hops })
  const { host, hostName, port } = hop
  const said = settingWords(hop, role)
  remarks.push(...said.remarks)
  return [
    ...['ssh', '-F', 'none'],
    ...gatewayWords(hops.slice(0, -1), hop, remarks),
    ...(isUserGiven(hop) ? ['-l', hop.user] : []),
    ...(port === 22 ? [] : ['-p', String(port)]),
    ...(hostName === host.toLowerCase() ? [] : ['-o', `HostName=${withLiteralPercent(hostName)}`]),
    ...said.words,
    host,
  ]
}

function gatewayWords(before: readonly Hop[], hop: Hop, remarks: string[]): readonly string[] {
  switch (hop.link.kind) {
    case 'tcp':
      return []
    case 'dialer':
      remarks.push(`${hop.host}: is reached through a dialer of the program, which ssh does not have`)
      return []
    case 'command':
      return commandWords(hop, remarks)
    case 'channel':
      return before.every(isPlain)
        ? ['-J', before.map((plain) => jumpText(plain, remarks)).join(',')]
        : ['-o', `ProxyCommand=${throughLast(before, remarks)}`]
  }
}

/** A ProxyCommand that goes through the last of these hops: what `-J` stands for, with options of its own. */
function throughLast(hops: readonly Hop[], remarks: string[]): string {
  const words = sshTo(hops, { role: 'gateway', remarks }).map(withLiteralPercent)
  return `${quoteWords(words.slice(0, -1))} -W '[%h]:%p' ${quoteWords(words.slice(-1))}`
}

/** Whether `-J` can say all that there is to say of a gateway. */
function isPlain(hop: Hop): boolean {
  const isLinked = hop.link.kind === 'tcp' || hop.link.kind === 'channel'
  return isLinked && settingWords(hop, 'gateway').words.length === 0 && !/[,%]/.test(hop.user + hop.hostName)
}

function jumpText(hop: Hop, remarks: string[]): string {
  const { hostName: host, port } = hop
  remarks.push(...settingWords(hop, 'gateway').remarks)
  const user = isUserGiven(hop) ? hop.user : undefined
  return formatDestination({ user, host, port: port === 22 ? undefined : port })
}

// Without a user, ssh takes the local one, as the route does.
function isUserGiven({ origins }: Hop): boolean {
  return origins.user.parts.length > 0
}

function commandWords({ host, link, linkOrigin }: Hop, remarks: string[]): readonly string[] {
  if (link.kind !== 'command') return []
  const { command, text } = link
  const textOf = (words: readonly string[]) => withLiteralPercent(quoteWords(words))
  const [whole, shown] =
    'argv' in command
      ? [textOf(command.argv), textOf(withoutSecretWords(command.argv))]
      : [text, withoutSecrets(text)]
  if (shown !== whole)
    remarks.push(`${host}: a part of the ProxyCommand is not shown; it goes where ${hidden} stands`)
  const obstacle = findObstacleOfCommand(shown)
  if (obstacle === undefined) return ['-o', `ProxyCommand=${shown}`]
  remarks.push(`${host}: the ProxyCommand (${linkOrigin.from}) ${obstacle}`)
  return []
}

/**
 * Words for a POSIX shell, quoted where they need it. ssh counts the quotes of an option in its own way, by which a
 * backslash counts inside of quotes, too; so apostrophes and backslashes stand in double quotes (misc.c argv_split).
 */
function quoteWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoteWord(word))).join(' ')
}

function quoteWord(word: string): string {
  const parts = word.split(/(['\\])/).filter((part) => part !== '')
  if (parts.length === 0) return "''"
  return parts.map((part) => (part === "'" ? `"'"` : part === '\\' ? '"\\\\"' : `'${part}'`)).join('')
}
