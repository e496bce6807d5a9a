// Every error that callers can meet: one tree, few classes, one for each set of fields that a caller needs.
// What a code means and what to do about it stands in error-codes.ts; a new message is a new code, not a class.

import { type ErrorCode, isRetryable } from './error-codes.js'

/** What a hop was doing when it failed. */
export type Phase =
  | 'resolve'
  | 'dial'
  | 'channel'
  | 'version'
  | 'key-exchange'
  | 'host-key'
  | 'authentication'
  | 'session'
  | 'listen'

/** Which hop of a route is meant. */
export interface HopRef {
  /** Zero for the hop that is dialled first. */
  readonly index: number
  /** How many hops the route has. */
  readonly count: number
  readonly user: string
  /** The host as it was named. */
  readonly host: string
  readonly port: number
  /** The host of the hop before this one, where there is one. */
  readonly via?: string | undefined
}

export interface ErrorDetails {
  readonly hop?: HopRef | undefined
  readonly phase?: Phase | undefined
  /** What to do about this very case, where that can be said more exactly than by the code's remedy. */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** The root of all errors of this library. `message` is one line, names the hop first, and holds no secret. */
export class SallyportError extends Error {
  override readonly name: string = 'SallyportError'
  readonly code: ErrorCode
  readonly hop: HopRef | undefined
  readonly phase: Phase | undefined
  readonly hint: string | undefined

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const { hop, phase, hint, cause } = details
    super(
      hop === undefined ? what : `${formatHop(hop)}: ${what}`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.hop = hop
    this.phase = phase
    this.hint = hint
  }

  /** Whether the same call may succeed after a pause with nothing changed. */
  get retryable(): boolean {
    return isRetryable(this.code)
  }

  toJSON(): Record<string, unknown> {
    const { name, message, ...fields } = this
    return { name, message: this.message, ...fields }
  }
}

/** `inner-gw (hop 2 of 3)`; the plain host where the route has a single hop. */
export function formatHop(hop: HopRef): string {
  return hop.count > 1 ? `${hop.host} (hop ${hop.index + 1} of ${hop.count})` : hop.host
}

/** An option, a destination or a configuration value that cannot be used. Thrown before any work. */
export class ConfigError extends SallyportError {
  override readonly name: string = 'ConfigError'
  /** Where the value came from: `option proxyJump`, `-J`, `~/.ssh/config:12`, `sallyport.config.json: hosts.db.port`. */
  readonly origin: string | undefined
  /** Each thing that is wrong in a configuration file, the first of which the message tells; else empty. */
  readonly problems: readonly ConfigProblem[]

  constructor(
    code: ErrorCode,
    what: string,
    details: ErrorDetails & {
      readonly origin?: string | undefined
      readonly problems?: readonly ConfigProblem[] | undefined
    } = {},
  ) {
    super(code, what, details)
    this.origin = details.origin
    this.problems = details.problems ?? []
  }
}

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** The file and the line, or the file and the path of the key. */
  readonly origin: string
  /** What is wrong there, in one line. */
  readonly message: string
}

/** Both kinds of gateway were asked for. Thrown before any work. */
export class GatewayConflictError extends ConfigError {
  override readonly name = 'GatewayConflictError'
  /** The two sources, in the order of their precedence. */
  readonly sources: readonly [string, string]

  constructor(what: string, sources: readonly [string, string], hint: string) {
    super('GATEWAY_CONFLICT', what, { phase: 'resolve', hint })
    this.sources = sources
  }
}

/** A hop could not be reached, or was lost. `hop` and `phase` are always set. */
export class ConnectError extends SallyportError {
  override readonly name: string = 'ConnectError'
  /** The number of the server's SSH_MSG_DISCONNECT or SSH_MSG_CHANNEL_OPEN_FAILURE, where it sent one. */
  readonly reason: number | undefined

  constructor(
    code: ErrorCode,
    what: string,
    details: ErrorDetails & {
      readonly hop: HopRef
      readonly phase: Phase
      readonly reason?: number | undefined
    },
  ) {
    super(code, what, details)
    this.reason = details.reason
  }
}

/** A ProxyCommand could not be started, or ended early; in the phase `session` its code is CONNECTION_LOST. */
export class ProxyCommandError extends ConnectError {
  override readonly name = 'ProxyCommandError'
  /** The exit status; `null` when a signal ended the command or it never started. */
  readonly exitCode: number | null
  readonly signal: string | null
  /** The end of the command's standard error, at most 4 KiB, with what looks like a secret hidden and escapes made visible. */
  readonly stderrTail: string

  constructor(
    what: string,
    details: ErrorDetails & { readonly hop: HopRef; readonly phase: Phase },
    end: { readonly exitCode: number | null; readonly signal: string | null; readonly stderrTail: string },
  ) {
    super(details.phase === 'session' ? 'CONNECTION_LOST' : 'PROXY_COMMAND_FAILED', what, details)
    this.exitCode = end.exitCode
    this.signal = end.signal
    this.stderrTail = end.stderrTail
  }
}

/** A public key in an error: enough to compare, nothing to misuse. */
export interface KeyRef {
  /** The key's type: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string
  /** `SHA256:` and unpadded base64, as ssh-keygen -l prints it. */
  readonly fingerprint: string
}

/** A key that a known_hosts file has, and where. */
export interface KnownKeyRef extends KeyRef {
  readonly file: string
  /** One-based. */
  readonly line: number
}

/** A host key was not accepted. Raised before any secret is sent. */
export class HostKeyError extends SallyportError {
  override readonly name = 'HostKeyError'
  readonly offered: KeyRef
  /** The keys on record for this host, or the revoking lines. */
  readonly known: readonly KnownKeyRef[]

  constructor(
    code: ErrorCode,
    what: string,
    details: ErrorDetails & { readonly offered: KeyRef; readonly known?: readonly KnownKeyRef[] | undefined },
  ) {
    super(code, what, { phase: 'host-key', ...details })
    this.offered = details.offered
    this.known = details.known ?? []
  }
}

/** One credential that was offered to a hop, or passed over, and what became of it. */
export interface AuthAttemptRef {
  readonly method: 'none' | 'publickey' | 'password' | 'keyboard-interactive'
  readonly outcome: 'refused' | 'partial success' | 'skipped'
  /** `SHA256:…` of the public key, for `publickey`. */
  readonly fingerprint?: string | undefined
  /** Where the credential came from: a file name, `agent`, `option password`. */
  readonly source?: string | undefined
  /** Why it was passed over, or what went wrong with it. */
  readonly note?: string | undefined
}

/** A hop accepted none of the credentials that were offered. */
export class AuthError extends SallyportError {
  override readonly name = 'AuthError'
  readonly tried: readonly AuthAttemptRef[]
  /** The methods that the server said can continue; empty when it said nothing. */
  readonly allowed: readonly string[]

  constructor(
    code: ErrorCode,
    what: string,
    details: ErrorDetails & {
      readonly tried: readonly AuthAttemptRef[]
      readonly allowed: readonly string[]
    },
  ) {
    super(code, what, { phase: 'authentication', ...details })
    this.tried = details.tried
    this.allowed = details.allowed
  }
}

/** The caller aborted the call. `name` and `code` are those of Node's own; `cause` is the signal's reason. */
export class AbortError extends SallyportError {
  override readonly name = 'AbortError'

  constructor(details: ErrorDetails = {}) {
    super('ABORT_ERR', 'aborted by the caller', details)
  }
}

/** The part of a command's result that its error shares. */
export interface CommandOutcome {
  readonly command: string
  readonly host: string
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly durationMs: number
}

/** A command failed, was cut off, or did not end in time. Has the shape of its result. */
export class CommandError extends SallyportError implements CommandOutcome {
  override readonly name = 'CommandError'
  readonly command: string
  readonly host: string
  readonly stdout: string
  readonly stderr: string
  /** `null` when a signal ended the command, or the server gave no status. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly durationMs: number

  constructor(code: ErrorCode, what: string, outcome: CommandOutcome, details: ErrorDetails = {}) {
    super(code, what, { phase: 'session', ...details })
    this.command = outcome.command
    this.host = outcome.host
    this.stdout = outcome.stdout
    this.stderr = outcome.stderr
    this.exitCode = outcome.exitCode
    this.signal = outcome.signal
    this.durationMs = outcome.durationMs
  }
}

/** The SFTP server refused or failed, or a transfer did. */
export class SftpError extends SallyportError {
  override readonly name = 'SftpError'
  /** The path in question, on the server unless `code` is LOCAL_FILE_FAILED; foreign bytes are made printable. */
  readonly path: string
  /** The number of the server's SSH_FXP_STATUS (draft-ietf-secsh-filexfer-02, 7), where it sent one. */
  readonly status: number | undefined

  constructor(
    code: ErrorCode,
    what: string,
    details: ErrorDetails & { readonly path: string; readonly status?: number | undefined },
  ) {
    super(code, what, { phase: 'session', ...details })
    this.path = details.path
    this.status = details.status
  }
}
