// THE table of settings of one hop: names, kinds, defaults and ssh_config keywords. How they merge is for merge.ts.
// A setting that is not here does not exist. Gateways are no settings of a hop: see route/gateway.ts.

import type { Ask, KeyboardInteractive, Passphrase, Secret, VerifyHostKey } from './callbacks.js'
import {
  choiceKind,
  durationKind,
  flagKind,
  integerKind,
  type Kind,
  listKind,
  programKind,
  textKind,
} from './kinds.js'
import { agentSocketKind, fileKind, fileListKind, fingerprintsKind, wordsKind } from './setting-kinds.js'

/** The settings of one hop, all resolved. A hop's settings never come from another hop. */
export interface Settings {
  /** The user to log in as. Default: the local user. */
  readonly user: string
  /** Default 22. */
  readonly port: number
  /** The real host to connect to, where the host given is a nickname. */
  readonly hostName: string | undefined
  /** Connect by IPv4 (`inet`) or IPv6 (`inet6`) only. Default `any`. Concerns the first hop of a route. */
  readonly addressFamily: 'any' | 'inet' | 'inet6'
  /**
   * Milliseconds for each of dial, channel, version and key exchange of this hop, and for its answer to each command
   * or stream that is opened on it later; 0 for no limit, as with ssh. Default: 10 s each, 20 s for the key exchange.
   */
  readonly connectTimeoutMs: number | undefined
  /**
   * Milliseconds for the authentication; 0 for no limit. The time does not count in which a person is asked, a function
   * given as `password`, `passphrase` or `keyboardInteractive` runs, or an agent signs, which may take 60 s. Default 30 s.
   */
  readonly authTimeoutMs: number
  /** Milliseconds of silence after which the server is asked for a sign of life; 0 for never. Default 15 s. */
  readonly serverAliveIntervalMs: number
  /** How many unanswered questions make a connection lost. Default 3. */
  readonly serverAliveCountMax: number

  /** What to do about host keys that are not known. Default `yes`: refuse. `no` accepts them, for this hop only. */
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no'
  /** Accept these host keys and no others, whatever known_hosts says: `SHA256:…` as ssh-keygen -l prints it. */
  readonly hostKeyFingerprints: readonly string[] | undefined
  /** Decides about every host key that is not revoked, in place of the policy. */
  readonly verifyHostKey: VerifyHostKey | undefined
  /** The name to look up in known_hosts, in place of host and port. */
  readonly hostKeyAlias: string | undefined
  /** Default `~/.ssh/known_hosts`, `~/.ssh/known_hosts2`. New keys are recorded in the first. */
  readonly userKnownHostsFile: readonly string[]
  /** Default `/etc/ssh/ssh_known_hosts`, `/etc/ssh/ssh_known_hosts2`. */
  readonly globalKnownHostsFile: readonly string[]
  /** Record new hosts as hashes. Default false. */
  readonly hashKnownHosts: boolean
  /** A file of revoked public keys, one on a line. A binary revocation list (KRL) is refused. */
  readonly revokedHostKeys: string | undefined

  /** Key files to offer; `none` for none. Default: id_ed25519, id_ecdsa, id_rsa in `~/.ssh` where they exist. */
  readonly identityFile: readonly string[] | undefined
  /** Offer the given key files only, and of the agent's keys those that belong to them. Default false. */
  readonly identitiesOnly: boolean
  /** The agent's socket; `none` for no agent. Default: the environment's SSH_AUTH_SOCK. */
  readonly identityAgent: string | undefined
  /** For encrypted key files. */
  readonly passphrase: Passphrase | undefined
  /** For `password`, and for the first hidden question of `keyboard-interactive` when nothing else answers it. */
  readonly password: Secret | undefined
  /** Answers `keyboard-interactive`. */
  readonly keyboardInteractive: KeyboardInteractive | undefined
  /** The methods to use, in this order. Default publickey, keyboard-interactive, password. */
  readonly preferredAuthentications: readonly string[]
  /** How often a person may mistype. Default 3. */
  readonly numberOfPasswordPrompts: number
  /** Asks a person for what is missing. Default: nobody is asked. */
  readonly ask: Ask | undefined
  /** Let the remote side use the agent: true for `identityAgent`'s, or a socket. Never on other hops. Default false. */
  readonly forwardAgent: boolean | string

  readonly kexAlgorithms: readonly string[] | undefined
  readonly hostKeyAlgorithms: readonly string[] | undefined
  readonly ciphers: readonly string[] | undefined
  readonly macs: readonly string[] | undefined
  /** Offer compression. Default false. */
  readonly compression: boolean
  /** Refuse servers without strict key exchange (CVE-2023-48795). Default false. */
  readonly requireStrictKex: boolean
}

export type SettingName = keyof Settings

/** One row of the table. */
export interface Setting<T> {
  readonly kind: Kind<Exclude<T, undefined>>
  /** The value when no layer has one. The user's is not known here: merge.ts asks the system for the login name. */
  readonly default: T
  /** The keyword of ssh_config(5), where there is one. */
  readonly keyword?: string
  /** The value is, or leads to, a secret: it is never shown. */
  readonly secret?: true
  /** A list to which every source adds, as in ssh_config(5); an empty list ends it. Else the first source wins. */
  readonly gathers?: true
}

const secretKind = programKind<never>(
  (value) => (typeof value === 'string' && value !== '') || typeof value === 'function',
  'a string that is not empty, or a function',
)
const functionKind = programKind<never>((value) => typeof value === 'function', 'a function')

export const settingsTable: { readonly [K in SettingName]: Setting<Settings[K]> } = {
  user: { kind: textKind, default: '', keyword: 'User' },
  port: { kind: integerKind(1, 65_535), default: 22, keyword: 'Port' },
  hostName: { kind: textKind, default: undefined, keyword: 'HostName' },
  addressFamily: { kind: choiceKind(['any', 'inet', 'inet6']), default: 'any', keyword: 'AddressFamily' },
  connectTimeoutMs: { kind: durationKind, default: undefined, keyword: 'ConnectTimeout' },
  authTimeoutMs: { kind: durationKind, default: 30_000 },
  serverAliveIntervalMs: { kind: durationKind, default: 15_000, keyword: 'ServerAliveInterval' },
  serverAliveCountMax: { kind: integerKind(1, 1_000_000), default: 3, keyword: 'ServerAliveCountMax' },

  strictHostKeyChecking: {
    kind: choiceKind(['yes', 'ask', 'accept-new', 'no'], { true: 'yes', false: 'no', off: 'no' }),
    default: 'yes',
    keyword: 'StrictHostKeyChecking',
  },
  hostKeyFingerprints: { kind: fingerprintsKind, default: undefined },
  verifyHostKey: { kind: functionKind, default: undefined },
  hostKeyAlias: { kind: textKind, default: undefined, keyword: 'HostKeyAlias' },
  userKnownHostsFile: {
    kind: fileListKind,
    default: ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'],
    keyword: 'UserKnownHostsFile',
  },
  globalKnownHostsFile: {
    kind: fileListKind,
    default: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    keyword: 'GlobalKnownHostsFile',
  },
  hashKnownHosts: { kind: flagKind, default: false, keyword: 'HashKnownHosts' },
  revokedHostKeys: { kind: fileKind, default: undefined, keyword: 'RevokedHostKeys' },

  identityFile: { kind: fileListKind, default: undefined, keyword: 'IdentityFile', gathers: true },
  identitiesOnly: { kind: flagKind, default: false, keyword: 'IdentitiesOnly' },
  identityAgent: { kind: agentSocketKind, default: undefined, keyword: 'IdentityAgent' },
  passphrase: { kind: secretKind, default: undefined, secret: true },
  password: { kind: secretKind, default: undefined, secret: true },
  keyboardInteractive: { kind: functionKind, default: undefined, secret: true },
  preferredAuthentications: {
    kind: wordsKind(['publickey', 'keyboard-interactive', 'password']),
    default: ['publickey', 'keyboard-interactive', 'password'],
    keyword: 'PreferredAuthentications',
  },
  numberOfPasswordPrompts: { kind: integerKind(1, 20), default: 3, keyword: 'NumberOfPasswordPrompts' },
  ask: { kind: functionKind, default: undefined },
  forwardAgent: {
    kind: {
      check: (value, origin) =>
        typeof value === 'boolean' ? flagKind.check(value, origin) : agentSocketKind.check(value, origin),
      parse: (word, origin) =>
        /^(yes|no|true|false)$/i.test(word)
          ? (flagKind.parse?.(word, origin) ?? false)
          : (agentSocketKind.parse?.(word, origin) ?? word),
    },
    default: false,
    keyword: 'ForwardAgent',
  },

  kexAlgorithms: { kind: listKind(','), default: undefined, keyword: 'KexAlgorithms' },
  hostKeyAlgorithms: { kind: listKind(','), default: undefined, keyword: 'HostKeyAlgorithms' },
  ciphers: { kind: listKind(','), default: undefined, keyword: 'Ciphers' },
  macs: { kind: listKind(','), default: undefined, keyword: 'MACs' },
  compression: { kind: flagKind, default: false, keyword: 'Compression' },
  requireStrictKex: { kind: flagKind, default: false },
}

/** All names, in the order of the table. */
export const settingNames = Object.keys(settingsTable) as readonly SettingName[]
