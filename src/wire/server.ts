// The server half of the seam: interfaces only, spoken by ssh2-server*.ts and used by the embedded network alone.
// A server decides nothing here: every question of a client is put to the handlers.

import type { Duplex, Readable, Writable } from 'node:stream'
import type { Address } from '../dialer.js'
import type { KeyRef } from '../errors.js'
import type { PromptRound, PtyRequest } from './wire.js'

export interface ServeOptions {
  /** The private host key, in OpenSSH format. */
  readonly hostKey: string
  /** What stands after `SSH-2.0-` in the version line. */
  readonly software: string
  /** The authentication banner (RFC 4252 5.4). */
  readonly banner?: string | undefined
  readonly handlers: ServerHandlers
}

/** What a server is asked by its client. A question that is never answered leaves the client waiting. */
export interface ServerHandlers {
  authenticate(offer: AuthOffer): Promise<AuthVerdict>
  authenticated(user: string): void
  /** A session channel is asked for (RFC 4254 6.1). */
  openSession(): OpenVerdict<SessionHandlers>
  /** `direct-tcpip` or `direct-streamlocal@openssh.com`. The handler owns the stream that `open` is given. */
  openStream(address: Address): OpenVerdict<(stream: Duplex) => void>
}

/** What a client offers to log in with. */
export type AuthOffer = { readonly user: string } & (
  | { readonly method: 'none' | 'hostbased' }
  | { readonly method: 'password'; readonly password: string }
  /** Without a signature the client only asks whether the key would do; a signature given has been verified. */
  | {
      readonly method: 'publickey'
      readonly key: KeyRef & { readonly base64: string }
      readonly signed: boolean
    }
  | {
      readonly method: 'keyboard-interactive'
      /** Asks one round; rejects when the client turns to something else. */
      readonly ask: (round: PromptRound) => Promise<readonly string[]>
    }
)

export type AuthVerdict =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused' | 'partial success'; readonly methods: readonly string[] }
  | { readonly outcome: 'disconnect' }

/** Whether a channel is opened, refused (RFC 4254 5.1), opened and closed at once, or left without an answer. */
export type OpenVerdict<Handlers> =
  | { readonly open: Handlers }
  | { readonly refuse: ChannelRefusal }
  | 'open and close'
  | 'ignore'

export interface ChannelRefusal {
  /** 1 administratively prohibited, 2 connect failed, 3 unknown channel type, 4 resource shortage. */
  readonly reason: number
  readonly text: string
}

export interface SessionHandlers {
  /** A command, a subsystem, or a shell when there is neither, is to be started. */
  start(request: ServedRequest): ((process: ServedProcess) => void) | 'refuse' | 'ignore'
  /** The client asks for agent forwarding, which is always granted. */
  forwardAgent(): void
  /** The name comes without `SIG`. */
  signal(name: string): void
  resize(columns: number, rows: number): void
}

export interface ServedRequest {
  readonly command: string | undefined
  /** The name of the subsystem that is asked for (RFC 4254 6.5). Its protocol is not the server's business. */
  readonly subsystem: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly pty: PtyRequest | undefined
}

/** The server's end of a running command or subsystem. */
export interface ServedProcess {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Aborted when the channel has closed, by whomever. */
  readonly closed: AbortSignal
  /** Sends what is still buffered, then the status, EOF and, unless `thenClose` is false, CLOSE. Never rejects. */
  exit(status: ServedStatus | undefined, options: { readonly thenClose: boolean }): Promise<void>
}

export type ServedStatus =
  | { readonly exitCode: number }
  | { readonly signal: string; readonly coreDumped: boolean }

/** Kinds of channels that only a server opens. */
export type ServerChannelKind = 'forwarded-tcpip' | 'x11' | 'auth-agent@openssh.com'

/** A connection that is being served. It ends with its stream, which its owner destroys. */
export interface ServedConnection {
  /** Asks the client for a channel. Rejects when the connection ends first. */
  openChannel(kind: ServerChannelKind): Promise<Duplex | ChannelRefusal>
}
