// The settings of a hop as the words of an OpenSSH command line: letters where ssh has them, else `-o Keyword=value`.
// Only what is said of the hop by somebody: what is a default here is left to ssh's own.

import type { SettingName } from '../config/settings.js'
import { settingsTable } from '../config/settings.js'
import { splitWords } from '../config/ssh-config/parse/words.js'
import { printableLines } from '../printable.js'
import { hidden } from '../secret-text.js'
import type { Hop } from './route.js'
import { type ShownSetting, shownSettings } from './shown-settings.js'

/** What could be said, and one line for each thing that could not. */
export interface SshWords {
  readonly words: readonly string[]
  readonly remarks: readonly string[]
}

/** Said elsewhere on the command line. */
const saidApart: ReadonlySet<SettingName> = new Set(['user', 'port', 'hostName'])

/** What nobody needs to say of a hop that only leads on: it runs nothing, and how new keys are noted is no way to go. */
const notOfGateways: ReadonlySet<SettingName> = new Set([
  'sendEnv',
  'setEnv',
  'requestTty',
  'remoteCommand',
  'hashKnownHosts',
  'sessionType',
  'localForward',
  'remoteForward',
  'dynamicForward',
  'clearAllForwardings',
  'exitOnForwardFailure',
  'gatewayPorts',
  'permitRemoteOpen',
  'streamLocalBindMask',
  'streamLocalBindUnlink',
])

/** Settings whose default here is not ssh's. */
const ownDefaults: ReadonlySet<SettingName> = new Set([
  'strictHostKeyChecking',
  'serverAliveIntervalMs',
  'preferredAuthentications',
  'pubkeyAcceptedAlgorithms',
])

/** The words for everything but the host, its user and port, and how it is reached. */
export function settingWords(hop: Hop, role: 'target' | 'gateway'): SshWords {
  const words: string[] = []
  const remarks: string[] = []
  for (const setting of shownSettings(hop).filter(isGiven)) {
    if (role === 'gateway' && notOfGateways.has(setting.name)) continue
    const said = wordsOf(setting)
    if (typeof said === 'string')
      remarks.push(`${hop.host}: ${setting.name} (${setting.origin.from}) ${said}`)
    else words.push(...said)
  }
  return { words, remarks }
}

/** Whether somebody gave the value, and not the program: and then another one than ssh has, too. */
function isGiven({ name, value, origin }: ShownSetting): boolean {
  if (saidApart.has(name) || origin.parts.every(({ source }) => source === 'program')) return false
  return ownDefaults.has(name) || JSON.stringify(value) !== JSON.stringify(settingsTable[name].default)
}

/** The words, or why there are none. */
function wordsOf({ name, value }: ShownSetting): readonly string[] | string {
  const { keyword } = settingsTable[name]
  if (value === hidden) return 'is not shown; ssh asks for it'
  if (keyword === undefined) return 'has no word in ssh'
  const obstacle = findObstacle(name, value)
  if (obstacle !== undefined) return obstacle
  if (name === 'identityFile') return identityWords(value as readonly string[])
  const letter = forwardLetters[name]
  if (letter !== undefined) return (value as readonly string[]).flatMap((forward) => [letter, forward])
  if (name === 'addressFamily') return [value === 'inet' ? '-4' : '-6']
  if (name === 'forwardAgent' && value === true) return ['-A']
  if (name === 'compression' && value === true) return ['-C']
  return ['-o', `${keyword}=${textOf(name, value)}`]
}

/** Why a command line cannot say a value, or must not show it. */
function findObstacle(name: SettingName, value: unknown): string | undefined {
  const texts = textsOf(value)
  if (texts.some((text) => text.includes(hidden))) return 'has a part that is not shown'
  if (texts.some((text) => isVariable(name, text))) return 'has a $ by which ssh would read a variable'
  if (name === 'remoteCommand') return texts.map(findObstacleOfCommand).find((found) => found !== undefined)
  return texts.every(isShowable) ? undefined : steering
}

/** Why a command that is the rest of a line, quotes and all, cannot be said; `undefined` when it can. */
export function findObstacleOfCommand(text: string): string | undefined {
  if (!isShowable(text)) return steering
  return hasPairedQuotes(text) ? undefined : 'has a quote that is not closed, which ssh does not read'
}

const steering = 'has characters that steer a terminal'

// Tabs and line feeds do no harm: they stand in quotes.
function isShowable(text: string): boolean {
  return printableLines(text, text.length) === text
}

// As ssh takes the rest of a line apart, whatever it is used for.
function hasPairedQuotes(text: string): boolean {
  try {
    splitWords(text)
    return true
  } catch {
    return false
  }
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().map(String) : []
}

// ssh has no way to write a `$` that is none, and looks up variables where it expands tokens, and for sockets of agents.
function isVariable(name: SettingName, text: string): boolean {
  if (name === 'identityAgent' || name === 'forwardAgent') return text.startsWith('$') || text.includes('${')
  return (name === 'identityFile' || withTokens.has(name)) && text.includes('${')
}

// ssh looks for the file of -i before it expands the tokens in its name.
function identityWords(files: readonly string[]): readonly string[] {
  if (files.length === 0) return ['-o', 'IdentityFile=none']
  return files.flatMap((file) =>
    file.includes('%') ? ['-o', `IdentityFile=${asWord(withLiteralPercent(file))}`] : ['-i', file],
  )
}

const forwardLetters: { readonly [K in SettingName]?: string } = {
  localForward: '-L',
  remoteForward: '-R',
  dynamicForward: '-D',
}

function textOf(name: SettingName, value: unknown): string {
  if (name === 'streamLocalBindMask') return `0${Number(value).toString(8)}`
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(name.endsWith('Ms') ? Math.ceil(value / 1000) : value)
  if (Array.isArray(value)) return textOfList(name, value)
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([variable, text]) => asWord(`${variable}=${text}`))
      .join(' ')
  }
  // The whole rest of the line is its value, quotes and all.
  if (name === 'remoteCommand') return withLiteralPercent(String(value))
  return asWord(withTokens.has(name) ? withLiteralPercent(String(value)) : String(value))
}

function textOfList(name: SettingName, list: readonly string[]): string {
  if (name === 'sendEnv' || name === 'permitRemoteOpen') return list.map(asWord).join(' ')
  if (!areFiles.has(name)) return list.join(',')
  if (list.length === 0) return 'none'
  return list.map((file) => asWord(withTokens.has(name) ? withLiteralPercent(file) : file)).join(' ')
}

/** Settings in whose text ssh expands percent tokens (ssh_config(5) TOKENS). Here they are expanded already. */
const withTokens: ReadonlySet<SettingName> = new Set([
  'identityAgent',
  'forwardAgent',
  'userKnownHostsFile',
  'revokedHostKeys',
])

const areFiles: ReadonlySet<SettingName> = new Set(['userKnownHostsFile', 'globalKnownHostsFile'])

/** The text in which ssh reads `%%` for each percent sign. */
export function withLiteralPercent(text: string): string {
  return text.replaceAll('%', '%%')
}

/** One word of a line of ssh_config(5): in double quotes where it needs them. */
function asWord(text: string): string {
  return /^[^\s"'\\#]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}
