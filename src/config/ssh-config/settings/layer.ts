// What ssh_config says about a host, as settings: each keyword that has a row in the table of settings becomes its value,
// expanded as ssh expands it on use. The gateway and what is refused are in files of their own. Pure.

import { ConfigError } from '../../../errors.js'
import { asciiLowerCase } from '../../ascii-lower-case.js'
import type { ConfiguredGateway, Unused } from '../../host-answer.js'
import type { Layer } from '../../merge.js'
import { type SettingName, type Settings, settingsTable } from '../../settings.js'
import type { SshConfigAnswer } from '../answer.js'
import { findKeyword, type KeywordName, keywords } from '../keywords.js'
import type { Obtained } from '../obtained.js'
import { createExpand, type Expand, type ExpansionFacts } from '../tokens/expand-values.js'
import { assembleAlgorithms } from '../values/algorithms.js'
import { findConfiguredGateway, findProxyRivalry } from './configured-gateway.js'
import { judgeRefused } from './refused-keywords.js'
import { settingByKeyword } from './setting-keywords.js'

/** What is known besides the answer. */
export interface LayerFacts extends ExpansionFacts {
  /** Whether the caller decided about the gateway: then what ssh_config says of it is not judged. */
  readonly proxied?: boolean | undefined
  /** `none` for a host that only leads to the next. */
  readonly sessionType?: 'none' | undefined
}

/** An answer of ssh_config in the words of the route. */
export interface SshConfigLayer {
  readonly layer: Layer
  readonly gateway: ConfiguredGateway | undefined
  readonly unused: readonly Unused[]
  readonly warnings: readonly string[]
}

/**
 * Reads the values. Throws {@link ConfigError}, whose `problems` name each line: CONFIG_INVALID, UNKNOWN_TOKEN,
 * UNSAFE_VALUE; UNSUPPORTED_OPTION for what must not be ignored; CONNECTION_NOT_ALLOWED for RefuseConnection.
 */
export function layerOf(answer: SshConfigAnswer, facts: LayerFacts): SshConfigLayer {
  const errors: ConfigError[] = []
  const expand = createExpand(answer, facts, (work) => attempt(errors, work))
  const values: Record<string, unknown> = Object.create(null)
  const origins = new Map<SettingName, string>()
  for (const [keyword, obtained] of answer.values) {
    const name = settingByKeyword.get(keyword)
    if (name === undefined || isGiven(name, facts) || obtained.length === 0) continue
    attempt(errors, () => {
      const value = name === 'hostName' ? answer.hostName : read(name, { keyword, obtained, expand })
      values[name] = value
      origins.set(name, [...new Set(obtained.map(({ origin }) => origin))].join(', '))
    })
  }
  if (
    values['hostName'] === undefined &&
    facts.given.hostName === undefined &&
    asciiLowerCase(answer.hostName) !== asciiLowerCase(answer.host)
  ) {
    values['hostName'] = answer.hostName
    const [canonicalize] = answer.values.get('CanonicalizeHostname') ?? []
    origins.set('hostName', canonicalize?.origin ?? 'the address itself')
  }
  checkUnused(answer, expand, errors)
  const gateway = attempt(errors, () => findConfiguredGateway(answer, expand))
  const circumstances = {
    isGatewayGiven: facts.proxied !== undefined,
    leadsOn: facts.sessionType === 'none',
  }
  const refused = attempt(errors, () => judgeRefused(answer, circumstances))
  throwAll(errors)
  return {
    layer: {
      source: 'ssh_config',
      values: values as Partial<Settings>,
      originOf: (name) => origins.get(name) ?? 'ssh_config',
      beatenAt: (name) => beatenAt(name, answer),
      isOwnListChanged: (name) => isOwnListChanged(name, answer),
    },
    gateway,
    unused: findUnused(answer),
    warnings: [...answer.warnings, ...(refused ?? []), ...findProxyRivalry(answer)],
  }
}

function beatenAt(name: SettingName, { beaten }: SshConfigAnswer): readonly string[] {
  const found = findKeyword(settingsTable[name].keyword ?? '')
  return (found && beaten.get(found.name)) ?? []
}

function isGiven(name: SettingName, { given }: LayerFacts): boolean {
  return (
    (name === 'user' || name === 'port' || name === 'hostName' || name === 'hostKeyAlias') &&
    given[name] !== undefined
  )
}

interface Reading {
  readonly keyword: KeywordName
  readonly obtained: readonly Obtained[]
  readonly expand: Expand
}

function read(name: SettingName, { keyword, obtained, expand }: Reading): unknown {
  const words = obtained.flatMap(({ words: each, origin }) =>
    each.map((word) => assembled(keyword, expand(word, { keyword, origin }))),
  )
  const { kind } = settingsTable[name]
  const { origin = '' } = obtained[0] ?? {}
  try {
    return kind.fromWords === undefined
      ? kind.parse?.(words[0] ?? '', keyword)
      : kind.fromWords(words, keyword)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { message, hint } = error
    throw new ConfigError('CONFIG_INVALID', `${origin}: ${message}`, {
      origin,
      phase: 'resolve',
      hint,
      problems: [{ origin, message }],
    })
  }
}

const algorithmsOf = {
  Ciphers: 'cipher',
  MACs: 'mac',
  KexAlgorithms: 'kex',
  HostKeyAlgorithms: 'key',
  PubkeyAcceptedAlgorithms: 'key',
} as const

// `+`, `-` and `^` change OpenSSH's own list.
function assembled(keyword: KeywordName, word: string): string {
  if (!isListOfAlgorithms(keyword)) return word
  return assembleAlgorithms(algorithmsOf[keyword], word).join(',')
}

function isOwnListChanged(name: SettingName, { values }: SshConfigAnswer): boolean {
  const keyword = findKeyword(settingsTable[name].keyword ?? '')?.name ?? ''
  return isListOfAlgorithms(keyword) && /^[-+]/.test(values.get(keyword)?.[0]?.words[0] ?? '')
}

function isListOfAlgorithms(keyword: string): keyword is keyof typeof algorithmsOf {
  return Object.hasOwn(algorithmsOf, keyword)
}

/** Of what has no effect here, too, ssh would not accept a token or a variable that does not exist. */
function checkUnused({ values }: SshConfigAnswer, expand: Expand, errors: ConfigError[]): void {
  for (const keyword of ['CertificateFile', 'ControlPath', 'VersionAddendum'] as const) {
    for (const { words, origin } of values.get(keyword) ?? []) {
      attempt(errors, () => words.map((word) => expand(word, { keyword, origin })))
    }
  }
}

function findUnused({ values }: SshConfigAnswer): readonly Unused[] {
  return [...values].flatMap(([keyword, obtained]) => {
    if (settingByKeyword.has(keyword) || keywords[keyword].group !== 'no effect') return []
    return obtained.map(({ words, origin }) => ({ keyword, words, origin }))
  })
}

function attempt<T>(errors: ConfigError[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    errors.push(error)
    return undefined
  }
}

function throwAll(errors: readonly ConfigError[]): void {
  const problems = new Map(
    errors.flatMap((error) => error.problems.map((each) => [JSON.stringify(each), each])),
  )
  const [first] = errors
  if (first === undefined) return
  if (problems.size < 2) throw first
  const { code, message, origin, phase, hint } = first
  throw new ConfigError(code, message, { origin, phase, hint, problems: [...problems.values()] })
}
