// THE table of settings of one hop: names, kinds, defaults and ssh_config keywords. How they merge is for merge.ts.
// A setting that is not here does not exist. Gateways are no settings of a hop: see route/gateway.ts.

import { usualSignatureAlgorithms } from '../signature-algorithms.js'
import type { Ask, KeyboardInteractive, Passphrase, Secret, VerifyHostKey } from './callbacks.js'
import { forwardsKind } from './forward-spec.js'
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
import {
  agentSocketKind,
  assignmentsKind,
  fileKind,
  fileListKind,
  fileModeKind,
  fingerprintsKind,
  forwardAgentKind,
  permittedKind,
  wordsKind,
} from './setting-kinds.js'
import { largestInteger } from './ssh-config/values/number.js'

/**
 * The settings of one hop, all resolved. A hop's settings never come from another hop. The comments are also the text of
 * docs/settings.md.
 */
export interface Settings {
  /** The user to log in as. Default: the local user. */
  readonly user: string
  /** The port to connect to. Default 22. */
  readonly port: number
  /** The real host to connect to, where the host given is a nickname. */
  readonly hostName: string | undefined
  /** Connect by IPv4 (`inet`) or IPv6 (`inet6`) only. Default `any`. Concerns the first hop of a route. */
  readonly addressFamily: 'any' | 'inet' | 'inet6'
  /** The address of this machine to connect from, or a name of it. Concerns the first hop of a route. */
  readonly bindAddress: string | undefined
  /** The network interface whose address to connect from. Concerns the first hop; `bindAddress` beats it. */
  readonly bindInterface: string | undefined
  /**
   * How often to try all addresses of the first hop, with a second between the tries; `connectTimeoutMs` is for all tries
   * together, without the seconds between. Default 1.
   */
  readonly connectionAttempts: number
  /** Have the system probe a silent TCP connection of the first hop. Default true. */
  readonly tcpKeepAlive: boolean
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
  /** How many unanswered questions make a connection lost; 0 for any number. Default 3. */
  readonly serverAliveCountMax: number

  /** What to do about host keys that are not known. Default `yes`: refuse. `no` accepts them, for this hop only. */
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no'
  /** Accept these host keys and no others, whatever known_hosts says: `SHA256:…` as ssh-keygen -l prints it. */
  readonly hostKeyFingerprints: readonly string[] | undefined
  /** Decides about every host key that is not revoked, in place of the policy. */
  readonly verifyHostKey: VerifyHostKey | undefined
  /** The name to look up in known_hosts, in place of host and port. */
  readonly hostKeyAlias: string | undefined
  /**
   * Files of known hosts; new keys are recorded in the first. With no file at all, neither `accept-new` nor `no` accepts
   * an unknown key: that takes a person, or a pin. Default `~/.ssh/known_hosts`, `~/.ssh/known_hosts2`.
   */
  readonly userKnownHostsFile: readonly string[]
  /** Files of known hosts of the whole system. Default `/etc/ssh/ssh_known_hosts`, `/etc/ssh/ssh_known_hosts2`. */
  readonly globalKnownHostsFile: readonly string[]
  /** Record new hosts as hashes. Default false. */
  readonly hashKnownHosts: boolean
  /** A file of revoked public keys, one on a line. A binary revocation list (KRL) is refused. */
  readonly revokedHostKeys: string | undefined
  /**
   * Accept any host key, but a revoked one, from a first hop whose address is of the loopback network and that has no
   * `hostKeyAlias`: for tunnels, where every host has this address. Default false.
   */
  readonly noHostAuthenticationForLocalhost: boolean
  /** The fewest bits that an RSA key may have, of the host as well as of the user. Default 1024; less counts as 1024. */
  readonly requiredRsaSize: number

  /**
   * Key files to offer; `none` for none. One that ssh_config names and that does not exist is passed over.
   * Default: id_ed25519, id_ecdsa, id_rsa in `~/.ssh` where they exist.
   */
  readonly identityFile: readonly string[] | undefined
  /** Offer the given key files only, and of the agent's keys those that belong to them. Default false. */
  readonly identitiesOnly: boolean
  /** The agent's socket; `none` for no agent. Default: the environment's SSH_AUTH_SOCK. */
  readonly identityAgent: string | undefined
  /** Opens encrypted key files. */
  readonly passphrase: Passphrase | undefined
  /**
   * The password for the method `password`, and for the first hidden question of `keyboard-interactive` when nothing else
   * answers it.
   */
  readonly password: Secret | undefined
  /** Answers `keyboard-interactive`. */
  readonly keyboardInteractive: KeyboardInteractive | undefined
  /** The methods to use, in this order. Default publickey, keyboard-interactive, password. */
  readonly preferredAuthentications: readonly string[]
  /**
   * Log in with keys. `no` switches the method off. Authentication that is bound to the host key is not supported, so that
   * `yes` and `host-bound` mean what `unbound` means. Default `yes`.
   */
  readonly pubkeyAuthentication: 'yes' | 'no' | 'unbound' | 'host-bound'
  /** Log in by the method `password`. Default true. */
  readonly passwordAuthentication: boolean
  /** Log in by the method `keyboard-interactive`. Default true. */
  readonly kbdInteractiveAuthentication: boolean
  /**
   * The algorithms that keys may sign with; a key with none of them is not offered.
   * Default: all that the engine has but `ssh-rsa`, which signs by SHA-1.
   */
  readonly pubkeyAcceptedAlgorithms: readonly string[]
  /** How often a person may mistype; 0 for not to be asked. Default 3. */
  readonly numberOfPasswordPrompts: number
  /** Asks a person for what is missing. Default: nobody is asked. */
  readonly ask: Ask | undefined
  /** Ask nobody, even where there is `ask`. What a program gave is used all the same. Default false. */
  readonly batchMode: boolean
  /** Let the remote side use the agent: true for `identityAgent`'s, or a socket. Never on other hops. Default false. */
  readonly forwardAgent: boolean | string

  /**
   * Key exchange algorithms, in the order of preference, as all lists of algorithms. Of a list of ssh_config, names that
   * the engine lacks are left out with a warning, as long as one remains; elsewhere they are an error.
   */
  readonly kexAlgorithms: readonly string[] | undefined
  /**
   * Host key algorithms. Without a list, and with one of ssh_config that begins with `+` or `-`, those of the keys that
   * known_hosts has for the host come first.
   */
  readonly hostKeyAlgorithms: readonly string[] | undefined
  /** Ciphers. */
  readonly ciphers: readonly string[] | undefined
  /** Message authentication codes, for ciphers that need one. */
  readonly macs: readonly string[] | undefined
  /** Offer compression. Default false. */
  readonly compression: boolean
  /** Refuse servers without strict key exchange (CVE-2023-48795). Default false. */
  readonly requireStrictKex: boolean

  /**
   * Variables of this process to send along with commands and shells, by name or pattern (`LC_*`). A server drops those
   * that it was not told to take (sshd_config(5) AcceptEnv), without a word.
   */
  readonly sendEnv: readonly string[]
  /** Variables and their values to send along, as `sendEnv`, which they beat. In text: `NAME=value`. */
  readonly setEnv: Readonly<Record<string, string>>
  /** What a shell runs in place of the login shell; `none` for that. As with ssh, no other command can be run then. */
  readonly remoteCommand: string | undefined
  /**
   * Whether a shell gets a terminal: `no` for never, `force` for always, also for the commands of `run` and `spawn` that do
   * not say. Default `auto`, which is as `yes`: when there is a terminal here.
   */
  readonly requestTty: 'auto' | 'no' | 'yes' | 'force'
  /** With another than `default`, commands and shells are refused: ssh would run none. Default `default`. */
  readonly sessionType: 'default' | 'none' | 'subsystem'

  /**
   * Local forwards, as `ssh -L` takes them: `8080:db:5432`. They are opened by `forwardConfigured`, and by the program
   * `sallyport`; a connection alone opens none.
   */
  readonly localForward: readonly string[]
  /** Remote forwards, as `ssh -R` takes them: `8080:localhost:3000`, or `1080` for a proxy. See `localForward`. */
  readonly remoteForward: readonly string[]
  /** Dynamic forwards, as `ssh -D` takes them: `1080`. See `localForward`. */
  readonly dynamicForward: readonly string[]
  /** Open none of the forwards above. Default false. */
  readonly clearAllForwardings: boolean
  /** Whether a forward of those above that cannot be opened is an error, or only a warning. Default false. */
  readonly exitOnForwardFailure: boolean
  /** Local and dynamic forwards may listen where others can reach them. Default false. */
  readonly gatewayPorts: boolean
  /**
   * What the far side may ask for at a remote forward without a destination: `host:port`, either of which may be `*`;
   * `any`, or `none`. Default `any`.
   */
  readonly permitRemoteOpen: readonly string[]
  /** The mode bits that a unix socket on which a forward listens does not get; in text octal. Default 0177. */
  readonly streamLocalBindMask: number
  /** Remove a unix socket that is in the way of one on which a forward listens. Default false. */
  readonly streamLocalBindUnlink: boolean
}

export type SettingName = keyof Settings

/** One row of the table. */
export interface Setting<T> {
  readonly kind: Kind<Exclude<T, undefined>>
  /** The value when no layer has one. The user's is not known here: merge.ts asks the system for the login name. */
  readonly default: T
  /** What the default is, for docs/settings.md, where the value does not say it. */
  readonly defaultText?: string
  /** The keyword of ssh_config(5), where there is one. */
  readonly keyword?: string
  /** The value is, or leads to, a secret: it is never shown. */
  readonly secret?: true
  /** A list to which every source adds, as in ssh_config(5); an empty list ends it. Else the first source wins. */
  readonly gathers?: true
  /** A function, which no file can give. What has no `kind.parse` has no variable of the environment. */
  readonly programOnly?: true
}

const secretKind = programKind<never>(
  (value) => (typeof value === 'string' && value !== '') || typeof value === 'function',
  'a string that is not empty, or a function',
)
const functionKind = programKind<never>((value) => typeof value === 'function', 'a function')

const ownLists = 'the list of the engine'

export const settingsTable: { readonly [K in SettingName]: Setting<Settings[K]> } = {
  user: { kind: textKind, default: '', defaultText: 'the local user', keyword: 'User' },
  port: { kind: integerKind(1, 65_535), default: 22, keyword: 'Port' },
  hostName: { kind: textKind, default: undefined, keyword: 'HostName' },
  addressFamily: { kind: choiceKind(['any', 'inet', 'inet6']), default: 'any', keyword: 'AddressFamily' },
  bindAddress: { kind: textKind, default: undefined, keyword: 'BindAddress' },
  bindInterface: { kind: textKind, default: undefined, keyword: 'BindInterface' },
  connectionAttempts: { kind: integerKind(1, largestInteger), default: 1, keyword: 'ConnectionAttempts' },
  tcpKeepAlive: { kind: flagKind, default: true, keyword: 'TCPKeepAlive' },
  connectTimeoutMs: {
    kind: durationKind,
    default: undefined,
    defaultText: '10 s, 20 s for the key exchange',
    keyword: 'ConnectTimeout',
  },
  authTimeoutMs: { kind: durationKind, default: 30_000 },
  serverAliveIntervalMs: { kind: durationKind, default: 15_000, keyword: 'ServerAliveInterval' },
  serverAliveCountMax: {
    kind: integerKind(0, largestInteger),
    default: 3,
    keyword: 'ServerAliveCountMax',
  },

  strictHostKeyChecking: {
    kind: choiceKind(['yes', 'ask', 'accept-new', 'no'], { true: 'yes', false: 'no', off: 'no' }),
    default: 'yes',
    keyword: 'StrictHostKeyChecking',
  },
  hostKeyFingerprints: { kind: fingerprintsKind, default: undefined },
  verifyHostKey: { kind: functionKind, default: undefined, programOnly: true },
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
  noHostAuthenticationForLocalhost: {
    kind: flagKind,
    default: false,
    keyword: 'NoHostAuthenticationForLocalhost',
  },
  requiredRsaSize: { kind: integerKind(0, largestInteger), default: 1024, keyword: 'RequiredRSASize' },

  identityFile: {
    kind: fileListKind,
    default: undefined,
    defaultText: '~/.ssh/id_ed25519, ~/.ssh/id_ecdsa, ~/.ssh/id_rsa',
    keyword: 'IdentityFile',
    gathers: true,
  },
  identitiesOnly: { kind: flagKind, default: false, keyword: 'IdentitiesOnly' },
  identityAgent: {
    kind: agentSocketKind,
    default: undefined,
    defaultText: 'SSH_AUTH_SOCK',
    keyword: 'IdentityAgent',
  },
  passphrase: { kind: secretKind, default: undefined, secret: true },
  password: { kind: secretKind, default: undefined, secret: true },
  keyboardInteractive: { kind: functionKind, default: undefined, secret: true, programOnly: true },
  preferredAuthentications: {
    kind: wordsKind(['publickey', 'keyboard-interactive', 'password']),
    default: ['publickey', 'keyboard-interactive', 'password'],
    keyword: 'PreferredAuthentications',
  },
  pubkeyAuthentication: {
    kind: choiceKind(['yes', 'no', 'unbound', 'host-bound'], { true: 'yes', false: 'no' }),
    default: 'yes',
    keyword: 'PubkeyAuthentication',
  },
  passwordAuthentication: { kind: flagKind, default: true, keyword: 'PasswordAuthentication' },
  kbdInteractiveAuthentication: { kind: flagKind, default: true, keyword: 'KbdInteractiveAuthentication' },
  pubkeyAcceptedAlgorithms: {
    kind: listKind(','),
    default: usualSignatureAlgorithms,
    keyword: 'PubkeyAcceptedAlgorithms',
  },
  numberOfPasswordPrompts: {
    kind: integerKind(0, largestInteger),
    default: 3,
    keyword: 'NumberOfPasswordPrompts',
  },
  ask: { kind: functionKind, default: undefined, programOnly: true },
  batchMode: { kind: flagKind, default: false, keyword: 'BatchMode' },
  forwardAgent: { kind: forwardAgentKind, default: false, keyword: 'ForwardAgent' },

  kexAlgorithms: { kind: listKind(','), default: undefined, defaultText: ownLists, keyword: 'KexAlgorithms' },
  hostKeyAlgorithms: {
    kind: listKind(','),
    default: undefined,
    defaultText: ownLists,
    keyword: 'HostKeyAlgorithms',
  },
  ciphers: { kind: listKind(','), default: undefined, defaultText: ownLists, keyword: 'Ciphers' },
  macs: { kind: listKind(','), default: undefined, defaultText: ownLists, keyword: 'MACs' },
  compression: { kind: flagKind, default: false, keyword: 'Compression' },
  requireStrictKex: { kind: flagKind, default: false },

  sendEnv: { kind: listKind(' '), default: [], keyword: 'SendEnv', gathers: true },
  setEnv: { kind: assignmentsKind, default: {}, keyword: 'SetEnv' },
  remoteCommand: { kind: textKind, default: undefined, keyword: 'RemoteCommand' },
  requestTty: {
    kind: choiceKind(['auto', 'no', 'yes', 'force'], { true: 'yes', false: 'no' }),
    default: 'auto',
    keyword: 'RequestTTY',
  },
  sessionType: {
    kind: choiceKind(['default', 'none', 'subsystem']),
    default: 'default',
    keyword: 'SessionType',
  },

  localForward: { kind: forwardsKind('local'), default: [], keyword: 'LocalForward', gathers: true },
  remoteForward: { kind: forwardsKind('remote'), default: [], keyword: 'RemoteForward', gathers: true },
  dynamicForward: { kind: forwardsKind('dynamic'), default: [], keyword: 'DynamicForward', gathers: true },
  clearAllForwardings: { kind: flagKind, default: false, keyword: 'ClearAllForwardings' },
  exitOnForwardFailure: { kind: flagKind, default: false, keyword: 'ExitOnForwardFailure' },
  gatewayPorts: { kind: flagKind, default: false, keyword: 'GatewayPorts' },
  permitRemoteOpen: { kind: permittedKind, default: ['any'], keyword: 'PermitRemoteOpen' },
  streamLocalBindMask: {
    kind: fileModeKind,
    default: 0o177,
    defaultText: '0177',
    keyword: 'StreamLocalBindMask',
  },
  streamLocalBindUnlink: { kind: flagKind, default: false, keyword: 'StreamLocalBindUnlink' },
}

/** All names, in the order of the table. */
export const settingNames = Object.keys(settingsTable) as readonly SettingName[]
