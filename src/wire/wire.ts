// The seam to the SSH protocol: interfaces only. ssh2-*.ts in this folder implement it; nobody else sees ssh2.

import type { Duplex, Readable, Writable } from 'node:stream'
import type { NegotiatedAlgorithms, PhaseFacts } from '../diagnostics.js'
import type { Address } from '../dialer.js'
import type { HopRef, KeyRef, Phase, SallyportError } from '../errors.js'

/** The protocol engine. */
export interface Wire {
  /**
   * Speaks SSH on an open stream until the user is authenticated. Takes the stream over: on failure it is destroyed.
   * Rejects with a {@link SallyportError} that has the plan's hop and the phase that failed.
   */
  handshake(stream: Duplex, plan: HandshakePlan): Promise<Session>
  /** Reads a private key in OpenSSH or PEM format. Never throws. */
  parsePrivateKey(text: Buffer, passphrase?: string | Buffer): PrivateKey | KeyProblem
  /** Reads the wire form of a public key (RFC 4253 6.6); `undefined` for a type that cannot be used to log in. */
  parsePublicKey(blob: Buffer): PublicKey | undefined
  /** Those of the named algorithms that the engine does not have. */
  unsupportedAlgorithms(lists: AlgorithmLists): readonly string[]
}

export interface HandshakePlan {
  /** Who is called; goes into every error. */
  readonly hop: HopRef
  readonly user: string
  readonly algorithms: AlgorithmLists
  /** Refuse servers without strict key exchange (CVE-2023-48795). */
  readonly requireStrictKex: boolean
  /** Resolving accepts the key, rejecting refuses it, with the rejection as the handshake's error. */
  readonly verifyHostKey: (key: OfferedHostKey) => Promise<void>
  /** The next thing to offer; `undefined` when there is nothing left. Rejecting fails the handshake. */
  readonly nextAuthAttempt: (state: AuthState) => Promise<AuthAttempt | undefined>
  /** Makes the error for a server that accepted nothing. */
  readonly authFailed: (state: AuthState) => SallyportError
  /** Milliseconds that the open session gives the server to open a channel and start something on it; 0 for no limit. */
  readonly channelTimeoutMs: number
  /** Told at the start of each phase from `version` on. */
  readonly onPhase: (phase: Phase) => void
  /** Told within each phase what the server said in it: its version, and what was negotiated. */
  readonly onLearned: (facts: HandshakeFacts) => void
  /** The server's banner (RFC 4252 5.4), raw and bounded. */
  readonly onBanner: (text: string) => void
  /** The agent to forward, when that was asked for on this very hop. */
  readonly forwardAgent: ForwardedAgent | undefined
  /** Ends the handshake; its reason becomes the error. */
  readonly signal: AbortSignal
}

export type HandshakeFacts = Pick<PhaseFacts, 'serverVersion' | 'algorithms'>

export interface ForwardedAgent {
  readonly socket: string
  /** Asked once, when the user is authenticated: a host key may have been accepted that must not get the agent. */
  readonly isAllowed: () => boolean
}

/** What to negotiate, in order of preference; `undefined` leaves the engine's own list. Names as in RFC 4253. */
export interface AlgorithmLists {
  readonly kex?: readonly string[] | undefined
  readonly hostKey?: readonly string[] | undefined
  readonly cipher?: readonly string[] | undefined
  readonly mac?: readonly string[] | undefined
  readonly compression?: readonly string[] | undefined
  /** What the keys that log in may sign with. Nothing to negotiate: of these, those that the server says it takes. */
  readonly userKey?: readonly string[] | undefined
}

export interface OfferedHostKey extends KeyRef {
  /** The key as it goes over the wire (RFC 4253 6.6). */
  readonly blob: Buffer
}

/** What the server said to the last attempt. */
export interface AuthState {
  /** The methods that can continue; `undefined` before the first answer. */
  readonly allowed: readonly string[] | undefined
  /** What became of the attempt before; `undefined` before the first. */
  readonly last: 'refused' | 'partial success' | 'failed locally' | undefined
  /** Why it failed locally. */
  readonly problem?: unknown
}

export type AuthAttempt =
  | { readonly method: 'none' }
  | { readonly method: 'publickey'; readonly key: SigningKey }
  | { readonly method: 'password'; readonly password: string }
  | {
      readonly method: 'keyboard-interactive'
      readonly answer: (round: PromptRound) => Promise<readonly string[]>
    }

/** One round of keyboard-interactive (RFC 4256 3.2), texts as the server sent them. */
export interface PromptRound {
  readonly name: string
  readonly instructions: string
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[]
}

export interface PublicKey extends KeyRef {
  readonly blob: Buffer
  readonly comment: string
}

/** A public key with something that can sign for it: a key file or an agent. */
export interface SigningKey extends PublicKey {
  /** Signs with `algorithm` (`rsa-sha2-512`, `ssh-ed25519` …); resolves to the blob of RFC 4253 6.6. */
  sign(data: Buffer, algorithm: string): Promise<Buffer>
}

export type PrivateKey = SigningKey

/** Why a private key could not be read. */
export interface KeyProblem {
  readonly problem: 'encrypted' | 'wrong passphrase' | 'unsupported' | 'malformed'
  readonly detail: string
  /** The public half, where an encrypted file has it in clear (OpenSSH format). */
  readonly publicKey?: PublicKey | undefined
}

/** What was agreed on with a server. */
export interface SessionDetails extends NegotiatedAlgorithms {
  /** `OpenSSH_9.2p1 Debian-2`: the server's version line after `SSH-2.0-`. */
  readonly serverVersion: string
}

/** An authenticated connection. Whoever has it ends it. */
export interface Session {
  readonly details: SessionDetails
  /** Resolves once, when the session has ended, with the reason; never rejects. */
  readonly ended: Promise<SallyportError>
  /** When bytes last came in, by `performance.now()`. */
  readonly lastReceivedAt: number
  /**
   * `direct-tcpip` or `direct-streamlocal@openssh.com` (RFC 4254 7.2): the server dials, the name is resolved there.
   * `towards` is the hop that the stream is to reach; failures that are not the server's own are laid to it, and its
   * own clock measures the time. Else it rejects with TIMEOUT when the server does not answer. The stream emits
   * `closed there` once the server has closed it, while what came before may still be read: what is written then is
   * lost, and not called back.
   */
  openStream(
    address: Address,
    options: { readonly signal: AbortSignal; readonly towards?: HopRef },
  ): Promise<Duplex>
  /**
   * Starts a command, a subsystem, or a shell when there is neither, on a channel of its own. Rejects with TIMEOUT when
   * the server does not answer.
   */
  start(request: StartRequest, signal: AbortSignal): Promise<RemoteProcess>
  /**
   * Has the server listen and hand over what connects to it: `tcpip-forward` (RFC 4254 7.1), or
   * `streamlocal-forward@openssh.com`. Rejects with FORWARD_REFUSED when it will not, and with TIMEOUT when it does not
   * answer. Whatever it opens without having been asked is refused.
   */
  listen(request: RemoteListenRequest, signal: AbortSignal): Promise<RemoteListener>
  /** Asks the server for a sign of life; the answer shows in `lastReceivedAt`. */
  ping(): void
  /**
   * Says goodbye if that can be done at once, and destroys the stream below without waiting for the peer. Everything
   * that is open or pending ends with `reason`. Resolves when the stream is destroyed; never rejects.
   */
  end(reason: SallyportError): Promise<void>
}

export interface RemoteListenRequest {
  /**
   * Where the server listens, in its own words: the host `localhost` for its loopback addresses, empty for all
   * addresses; port 0 for one that it chooses.
   */
  readonly address: Address
  /** Told of each connection that the server hands over; it belongs to the callee, who accepts or refuses it, once. */
  readonly onConnection: (connection: IncomingConnection) => void
}

/** A connection that was made to a listening server. */
export interface IncomingConnection {
  /** Who connected, as the server says; `undefined` for a unix socket. */
  readonly from: { readonly host: string; readonly port: number } | undefined
  /** Opens the channel. The callee destroys the stream. */
  accept(): Duplex
  /** Refuses it (SSH_MSG_CHANNEL_OPEN_FAILURE, connect failed). */
  refuse(): void
}

/** What a server listens on for us. It ends with the session; then nobody is told anything more. */
export interface RemoteListener {
  /** As asked for, with the port that the server chose. */
  readonly address: Address
  /** Has the server stop listening (`cancel-tcpip-forward`). Resolves when it has answered, or is late, or the session has ended. */
  close(): Promise<void>
}

export interface StartRequest {
  readonly command: string | undefined
  /** Start this subsystem (RFC 4254 6.5), such as `sftp`, in place of a command or a shell; it gets no variables. */
  readonly subsystem?: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly pty: PtyRequest | undefined
  /** False for no agent, whatever the hop's own settings say. Default true: as they say. */
  readonly forwardsAgent?: boolean | undefined
}

export interface PtyRequest {
  /** The value for `TERM`. */
  readonly term: string
  readonly columns: number
  readonly rows: number
}

/** How a remote process ended. */
export interface ProcessEnd {
  /** `null` when a signal ended it, or the server closed the channel without a status. */
  readonly exitCode: number | null
  /** With the prefix `SIG`, or `null`. */
  readonly signal: string | null
  readonly coreDumped: boolean
}

export interface RemoteProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the channel has closed and both streams have ended; rejects when the session was lost first. */
  readonly end: Promise<ProcessEnd>
  /** Sends a signal (RFC 4254 6.9), by its name with or without `SIG`. Many servers ignore it. */
  kill(signal: string): void
  resize(columns: number, rows: number): void
  /** Closes the channel without waiting for the other side. */
  close(): void
}
