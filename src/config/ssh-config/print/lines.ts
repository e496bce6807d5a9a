// The lines of `ssh -G` that are more than the words of the first value: several values, conditions, expansions.

import { ConfigError } from '../../../errors.js'
import { asciiLowerCase } from '../../ascii-lower-case.js'
import type { KeywordName } from '../keywords.js'
import type { Obtained } from '../obtained.js'
import type { AlgorithmKind } from '../values/algorithm-names.js'
import { assembleAlgorithms } from '../values/algorithms.js'
import { defaultIdentityFiles, sshDefaults } from './defaults.js'
import type { View } from './view.js'

/** What stands after the keyword, and where it came from; no origin for a default. */
export interface Line {
  readonly text: string
  readonly origin?: string | undefined
}

type Lines = (view: View, name: KeywordName) => readonly Line[]

/** The words of the first value, or the default; nothing where there is neither. */
export const firstValue: Lines = (view, name) => {
  const text = view.find(name)
  return text === undefined ? [] : [{ text, origin: view.all(name)[0]?.origin }]
}

/** As {@link firstValue}, but `none` is not printed. */
const unlessNone: Lines = (view, name) =>
  view.findUnlessNone(name) === undefined ? [] : firstValue(view, name)

/** As {@link firstValue}, with other words where it was set. */
function changed(
  change: (words: readonly string[], at: { view: View; name: KeywordName; origin: string }) => string,
): Lines {
  return (view, name) => {
    const [first] = view.all(name)
    if (first === undefined) return firstValue(view, name)
    return [{ text: change(first.words, { view, name, origin: first.origin }), origin: first.origin }]
  }
}

const expanded = changed((words, { view, name, origin }) => view.expand(name, words.join(' '), origin))

const expandedUnlessNone: Lines = (view, name) =>
  view.findUnlessNone(name) === undefined ? [] : expanded(view, name)

const algorithms = (kind: AlgorithmKind): Lines =>
  changed(([list = '']) => assembleAlgorithms(kind, list).join(','))

const linePerWord: Lines = (view, name) =>
  view.all(name).flatMap(({ words, origin }) => words.map((text) => ({ text, origin })))

const linePerValue: Lines = (view, name) =>
  view.all(name).map(({ words, origin }) => ({ text: words.join(' '), origin }))

const isCleared = (view: View): boolean => view.find('ClearAllForwardings') === 'yes'

const forwards: Lines = (view, name) =>
  isCleared(view) ? [] : view.all(name).map((value) => forwardLine(view, name, value))

function forwardLine(view: View, name: KeywordName, { words, origin }: Obtained): Line {
  const sides = words.map((side) => (isAddress(side) ? side : view.expand(name, side, origin)))
  return { text: sides.join(' '), origin }
}

function isAddress(side: string): boolean {
  return /^(?:\[.*\]:)?[0-9]+$/s.test(side)
}

// ssh keeps both kinds in one list, and takes a local forward to a socket for a dynamic one, too.
const dynamicForwards: Lines = (view) => {
  if (isCleared(view)) return []
  const names = [...view.answer.values.keys()].filter(
    (name) => name === 'LocalForward' || name === 'DynamicForward',
  )
  return names.flatMap((name) =>
    view
      .all(name)
      .filter(({ words: [, target] }) => target === undefined || !isAddress(target))
      .map(({ words: [listen = ''], origin }) =>
        forwardLine(view, 'LocalForward', { words: [listen], origin }),
      ),
  )
}

// The one value that ssh refuses only when all is read.
const connectionAttempts = changed(([count = ''], { origin }) => {
  if (count !== '0') return count
  const message = 'ConnectionAttempts must be at least 1'
  const problems = [{ origin, message }]
  throw new ConfigError('CONFIG_INVALID', `${origin}: ${message}`, { origin, phase: 'resolve', problems })
})

const tunnel: Lines = (view, name) =>
  isCleared(view) ? [{ text: sshDefaults.Tunnel ?? '' }] : firstValue(view, name)

const identityFiles: Lines = (view, name) => {
  const given = linePerValue(view, name)
  return given.length > 0 ? given : defaultIdentityFiles.map((text) => ({ text }))
}

const userKnownHostsFiles: Lines = (view, name) => {
  const [first] = view.all(name)
  const origin = first?.origin ?? 'default'
  const files = first?.words ?? sshDefaults.UserKnownHostsFile?.split(' ') ?? []
  return [{ text: files.map((file) => view.expand(name, file, origin)).join(' '), origin: first?.origin }]
}

const forwardAgent: Lines = (view, name) => {
  const socket = view.all(name).find(({ words: [word] }) => word !== 'yes' && word !== 'no')
  if (socket === undefined) return firstValue(view, name)
  return [{ text: view.expand(name, socket.words.join(' '), socket.origin), origin: socket.origin }]
}

const rekeyLimit: Lines = (view, name) => {
  const obtained = view.all(name)
  const timed = obtained.find(({ words }) => words.length > 1)
  const origins = new Set([obtained[0]?.origin, timed?.origin].filter((origin) => origin !== undefined))
  return [
    {
      text: `${obtained[0]?.words[0] ?? '0'} ${timed?.words[1] ?? '0'}`,
      origin: origins.size === 0 ? undefined : [...origins].join(', '),
    },
  ]
}

const updateHostKeys: Lines = (view, name) => {
  const [given] = view.all(name)
  if (given === undefined) return [{ text: String(isUpdatedByDefault(view)) }]
  const isRefused = given.words[0] === 'ask' && !mayAsk(view)
  return [{ text: isRefused ? 'false' : given.words.join(' '), origin: given.origin }]
}

function isUpdatedByDefault(view: View): boolean {
  const files = view.all('UserKnownHostsFile')[0]?.words ?? []
  const areUsual = files.length === 0 || (files.length === 1 && files[0] === '~/.ssh/known_hosts')
  return areUsual && view.find('VerifyHostKeyDNS') === 'false'
}

/** Nobody is asked where a person would not see it, or cannot answer. */
function mayAsk(view: View): boolean {
  const isShared = view.find('ControlPersist') !== 'no' && view.findUnlessNone('ControlPath') !== undefined
  const isCommand = view.command !== undefined || view.findUnlessNone('RemoteCommand') !== undefined
  const isQuiet = ['SILENT', 'FATAL', 'ERROR'].includes(view.find('LogLevel') ?? '')
  return !isShared && !isCommand && !isQuiet && view.find('RequestTTY') !== 'false'
}

// Debian asks for signs of life where nobody watches.
const serverAliveInterval: Lines = (view, name) =>
  view.all(name).length === 0 && view.find('BatchMode') === 'yes' ? [{ text: '300' }] : firstValue(view, name)

const proxyUseFdpass: Lines = (view, name) =>
  view.findUnlessNone('ProxyJump') === undefined ? firstValue(view, name) : [{ text: 'no' }]

const proxyCommand: Lines = (view, name) =>
  view.findUnlessNone('ProxyJump') === undefined ? unlessNone(view, name) : []

/** Keywords that are not in here are printed by {@link firstValue}. */
export const specialLines: ReadonlyMap<KeywordName, Lines> = new Map<KeywordName, Lines>([
  [
    'User',
    (view) =>
      view.find('User') === undefined ? [{ text: view.local.user ?? '' }] : firstValue(view, 'User'),
  ],
  ['HostName', (view) => [{ text: view.answer.hostName, origin: view.all('HostName')[0]?.origin }]],
  ['ConnectionAttempts', connectionAttempts],
  ['Ciphers', algorithms('cipher')],
  ['MACs', algorithms('mac')],
  ['KexAlgorithms', algorithms('kex')],
  ['HostKeyAlgorithms', algorithms('key')],
  ['HostbasedAcceptedAlgorithms', algorithms('key')],
  ['PubkeyAcceptedAlgorithms', algorithms('key')],
  ['CASignatureAlgorithms', algorithms('ca-signature')],
  ['HostKeyAlias', changed(([alias = '']) => asciiLowerCase(alias))],
  ['ControlPath', expandedUnlessNone],
  ['RemoteCommand', expandedUnlessNone],
  ['IdentityAgent', expanded],
  ['VersionAddendum', expanded],
  ['LocalCommand', unlessNone],
  ['KnownHostsCommand', unlessNone],
  ['RevokedHostKeys', unlessNone],
  ['PKCS11Provider', unlessNone],
  ['SecurityKeyProvider', unlessNone],
  ['ChannelTimeout', unlessNone],
  ['IdentityFile', identityFiles],
  ['CertificateFile', linePerValue],
  ['SendEnv', linePerWord],
  ['SetEnv', linePerWord],
  ['UserKnownHostsFile', userKnownHostsFiles],
  ['DynamicForward', dynamicForwards],
  ['LocalForward', forwards],
  ['RemoteForward', forwards],
  ['Tunnel', tunnel],
  ['ForwardAgent', forwardAgent],
  ['RekeyLimit', rekeyLimit],
  ['ServerAliveInterval', serverAliveInterval],
  ['UpdateHostKeys', updateHostKeys],
  ['ProxyUseFdpass', proxyUseFdpass],
  ['ProxyCommand', proxyCommand],
  ['ProxyJump', unlessNone],
])
