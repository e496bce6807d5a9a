// Variables `SALLYPORT_…` -> a source of configuration. Their names come from the table of settings, and so do the kinds
// of their values; a name that is not known is an error, because a misspelt one would be silent. Pure.

import type { ConfigProblem } from '../../errors.js'
import { printable } from '../../printable.js'
import { capitals } from '../environment-name.js'
import type { Env } from '../home-path.js'
import { flagKind } from '../kinds.js'
import { type SettingName, settingNames, settingsTable } from '../settings.js'
import type { Part, PlacedValue } from './answer.js'
import { type GatewayName, gatewayNames, readGateway } from './gateway.js'
import { findNearest } from './nearest-name.js'
import type { SshConfigChoice } from './own-config.js'
import { throwProblems } from './problems.js'
import { findMisplaced, type Reach } from './reach.js'
import { readSetting, whatIsWrong } from './read-setting.js'
import { readSshConfigChoice } from './ssh-config-choice.js'

/** What the environment says. */
export interface EnvironmentConfig {
  /** In the order of falling precedence; empty when no variable gives a value for hosts. */
  readonly parts: readonly Part[]
  readonly sshConfig: SshConfigChoice | undefined
  /** SALLYPORT_CONFIG: a file in place of the project's; `false` for no files at all. */
  readonly config: false | string | undefined
  readonly allowExec: boolean | undefined
  /** What is an error where a program trusts nobody else. */
  readonly needsTrust: readonly ConfigProblem[]
}

const prefix = 'SALLYPORT_'
const hostsPrefix = `${prefix}HOSTS__`

/** `db.internal` -> `DB_INTERNAL`: what a variable can have of the name of a host. */
function keyOf(host: string): string {
  return host.toUpperCase().replace(/[^A-Z0-9]/g, '_')
}

const settingByWords = new Map<string, SettingName>(settingNames.map((name) => [capitals(name), name]))
const gatewayByWords = new Map<string, GatewayName>(gatewayNames.map((name) => [capitals(name), name]))

/** The variables that concern hosts, without the prefix: `PORT`, `PROXY_JUMP` …. */
const hostWords: readonly string[] = [
  ...settingNames.filter((name) => settingsTable[name].kind.parse !== undefined).map(capitals),
  ...gatewayByWords.keys(),
]

const ownWords = ['CONFIG', 'SSH_CONFIG', 'ALLOW_EXEC']

/** Values for one key of a host, or for all hosts. */
interface Section {
  readonly values: Map<SettingName, PlacedValue>
  readonly gateways: { readonly name: GatewayName; readonly text: string; readonly origin: string }[]
}

/**
 * Reads the variables of an environment; one that is empty counts as absent. `cwd` is what names of files are relative to.
 * Throws ConfigError CONFIG_INVALID with everything that is wrong.
 */
export function readEnvironment(
  env: Env,
  place: { readonly cwd: string; readonly home: string; readonly listSeparator: string },
): EnvironmentConfig {
  const problems: ConfigProblem[] = []
  const general: Section = { values: new Map(), gateways: [] }
  const byHost = new Map<string, Section>()
  // To ask for the value of each variable of a process takes far longer than for their names.
  for (const variable of Object.keys(env).filter((name) => name.startsWith(prefix))) {
    const text = env[variable]
    if (text === undefined) continue
    const at = variable.lastIndexOf('__')
    const isNested = variable.startsWith(hostsPrefix) && at >= hostsPrefix.length
    const words = isNested ? variable.slice(at + 2) : variable.slice(prefix.length)
    if (!isNested && ownWords.includes(words)) continue
    const section = isNested ? sectionOf(byHost, variable.slice(hostsPrefix.length, at)) : general
    readVariable({ variable, words, text, reach: isNested ? 'some hosts' : 'every host' }, section, problems)
  }
  const parts: Part[] = []
  for (const [key, section] of byHost) {
    parts.push(partOf(section, { hosts: (host) => keyOf(host) === key, problems }))
  }
  if (general.values.size > 0 || general.gateways.length > 0) {
    parts.push(partOf(general, { hosts: () => true, problems }))
  }
  const allowExec = readAllowExec(env, problems)
  throwProblems('CONFIG_INVALID', problems)
  const { SALLYPORT_CONFIG: config, SALLYPORT_SSH_CONFIG: sshConfig } = env
  const isPlain = sshConfig === 'none' || sshConfig === 'default'
  const choice = sshConfig
    ? readSshConfigChoice(
        isPlain ? sshConfig : sshConfig.split(place.listSeparator).filter((name) => name !== ''),
        { origin: `${prefix}SSH_CONFIG`, directory: place.cwd, home: place.home },
      )
    : undefined
  return {
    parts,
    config: config === 'none' ? false : config || undefined,
    allowExec,
    sshConfig: choice,
    needsTrust: findCommands(parts, choice),
  }
}

/** What names commands, or files of ssh_config that may. */
function findCommands(parts: readonly Part[], sshConfig: SshConfigChoice | undefined): ConfigProblem[] {
  const gateways = parts.flatMap(({ gateway }) => (gateway?.kind === 'command' ? [gateway] : []))
  const commands = gateways.map(({ origin }) => ({ origin, message: 'names a command' }))
  if (typeof sshConfig?.files !== 'object') return commands
  return [...commands, { origin: sshConfig.origin, message: 'names files, which may name commands' }]
}

interface Variable {
  readonly variable: string
  /** The name without what stands before it. */
  readonly words: string
  readonly text: string
  readonly reach: Reach
}

function readVariable(given: Variable, section: Section, problems: ConfigProblem[]): void {
  const { variable, words, text, reach } = given
  const origin = printable(variable, 100)
  if (!hostWords.includes(words)) {
    problems.push({ origin, message: whyUnknown(given) })
    return
  }
  if (text === '') return
  const gateway = gatewayByWords.get(words)
  if (gateway !== undefined) section.gateways.push({ name: gateway, text, origin })
  const name = settingByWords.get(words)
  if (name === undefined) return
  try {
    const value = readSetting(name, text, origin)
    const message = findMisplaced(name, value, reach)
    if (message !== undefined) problems.push({ origin, message })
    section.values.set(name, { value, origin })
  } catch (error) {
    problems.push({ origin, message: whatIsWrong(error, origin) })
  }
}

function whyUnknown({ variable, words }: Variable): string {
  const name = settingByWords.get(words)
  if (name !== undefined) {
    return settingsTable[name].secret === true
      ? 'a secret cannot be given by the environment'
      : 'can only be given by a program'
  }
  const start = variable.slice(0, variable.length - words.length)
  const known = [...hostWords, ...(start === prefix ? ownWords : [])].map((word) => `${start}${word}`)
  // What stands before the name is the same in all of them and says nothing about how near they are.
  const nearest = findNearest(
    words,
    known.map((full) => full.slice(start.length)),
  )
  const meant = nearest === undefined ? '' : `; did you mean ${printable(start, 100)}${nearest}?`
  return `there is no such variable${meant}`
}

function partOf(
  { values, gateways }: Section,
  { hosts, problems }: Pick<Part, 'hosts'> & { readonly problems: ConfigProblem[] },
): Part {
  const [first, second] = gateways
  if (first === undefined) return { hosts, values, gateway: undefined }
  const { name, text, origin } = first
  if (second !== undefined) {
    problems.push({
      origin: second.origin,
      message: `${origin} is given, too: a host has one gateway`,
    })
  }
  try {
    return {
      hosts,
      values,
      gateway: { ...readGateway(name, text, origin), source: 'environment', origin },
    }
  } catch (error) {
    problems.push({ origin, message: whatIsWrong(error, origin) })
    return { hosts, values, gateway: undefined }
  }
}

function sectionOf(byHost: Map<string, Section>, key: string): Section {
  const section = byHost.get(key) ?? { values: new Map(), gateways: [] }
  byHost.set(key, section)
  return section
}

function readAllowExec(env: Env, problems: ConfigProblem[]): boolean | undefined {
  const { SALLYPORT_ALLOW_EXEC: text } = env
  if (text === undefined || text === '') return undefined
  const origin = `${prefix}ALLOW_EXEC`
  try {
    return flagKind.parse?.(text, origin)
  } catch (error) {
    problems.push({ origin, message: whatIsWrong(error, origin) })
    return undefined
  }
}
