// A route as the command line with which OpenSSH goes the same way. It stands by itself: no ssh_config is read (-F none),
// and what the route took from one is said in its words.

import { formatAddress } from '../dialer.js'
import { hidden, withoutSecrets, withoutSecretWords } from '../secret-text.js'
import { formatDestination } from './destination.js'
import { dialerName } from './link-text.js'
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
      remarks.push(
        `${hop.host}: is reached through ${dialerName(hop.link.dialer)} of the program, which ssh does not have`,
      )
      return []
    case 'command':
      return commandWords(hop, remarks)
    case 'proxy':
      return proxyWords(hop, before, remarks)
    case 'remote-command':
      if (hop.link.when === 'always') return remoteCommandWords(hop, before, remarks)
      remarks.push(
        `${hop.host}: ssh does not try the command on ${before.at(-1)?.host} where forwarding is prohibited`,
      )
      return throughGateways(before, remarks)
    case 'channel':
      return throughGateways(before, remarks)
  }
}

function throughGateways(before: readonly Hop[], remarks: string[]): readonly string[] {
  return before.every(isPlain)
    ? ['-J', before.map((plain) => jumpText(plain, remarks)).join(',')]
    : ['-o', `ProxyCommand=${throughLast(before, remarks)}`]
}

// The nc of OpenBSD, which Debian has, leaves names to a SOCKS5 proxy, too.
function proxyWords({ host, link }: Hop, before: readonly Hop[], remarks: string[]): readonly string[] {
  if (link.kind !== 'proxy') return []
  const [proxy, ...more] = link.proxies
  const obstacle =
    before.length > 0
      ? `is reached through a proxy behind ${before.at(-1)?.host}`
      : proxy === undefined || more.length > 0
        ? 'is reached through several proxies'
        : proxy.protocol === 'https'
          ? 'is reached through a proxy by TLS'
          : proxy.credentials !== undefined
            ? 'is reached through a proxy that wants a password'
            : undefined
  if (proxy === undefined || obstacle !== undefined) {
    remarks.push(`${host}: ${obstacle}, for which ssh has no words`)
    return []
  }
  const address = withLiteralPercent(formatAddress(proxy))
  return ['-o', `ProxyCommand=nc -X ${proxy.protocol === 'socks5' ? '5' : 'connect'} -x ${address} %h %p`]
}

/** A ProxyCommand that has the last of these hops run the command; its tokens are for the ssh that runs it. */
function remoteCommandWords(
  { host, link }: Hop,
  before: readonly Hop[],
  remarks: string[],
): readonly string[] {
  if (link.kind !== 'remote-command') return []
  const shown = withoutSecrets(link.text)
  const text = shown === link.text ? withLiteralPercent(link.command) : shown
  if (shown !== link.text)
    remarks.push(`${host}: a part of the command is not shown; it goes where ${hidden} stands`)
  const words = sshTo(before, { role: 'gateway', remarks }).map(withLiteralPercent)
  const whole = quoteWords([...words, text])
  const obstacle = findObstacleOfCommand(whole)
  if (obstacle === undefined) return ['-o', `ProxyCommand=${whole}`]
  remarks.push(`${host}: the command on ${before.at(-1)?.host} ${obstacle}`)
  return []
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
