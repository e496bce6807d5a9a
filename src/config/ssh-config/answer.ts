// What ssh_config says about one host: the words of each keyword and where they stand. The meaning that the words have
// for a connection is given to them elsewhere.

import type { KeywordName } from './keywords.js'
import type { Obtained } from './obtained.js'

/** The answer for one host. Frozen. */
export interface SshConfigAnswer {
  /** The host as it was named, in lower case where ssh lowers it. */
  readonly host: string
  /** The name to connect to: HostName with its tokens expanded, canonicalised where that was asked for. */
  readonly hostName: string
  /** What was obtained, by keyword: one value for most, several where ssh gathers. Absent: nothing was said. */
  readonly values: ReadonlyMap<KeywordName, readonly Obtained[]>
  /** The origins of values that applied to the host, too, and came too late, by keyword. */
  readonly beaten: ReadonlyMap<KeywordName, readonly string[]>
  /** What a person should know, one line each: `~/.ssh/config:3: Match exec was not run`. */
  readonly warnings: readonly string[]
}

/** What is asked, and what the caller has already decided. */
export interface SshConfigQuery {
  /** As the user named it, without user and port. */
  readonly host: string
  /** What beats the files and what `Match` and the tokens see: `-l`, `-p`, and the like. */
  readonly user?: string | undefined
  readonly port?: number | undefined
  readonly hostName?: string | undefined
  readonly hostKeyAlias?: string | undefined
  /** Directives in ssh's words that beat the files, as of `-o`, in their order: `{ text: 'Port=22', origin: '-o Port' }`. */
  readonly directives?: readonly { readonly text: string; readonly origin: string }[] | undefined
  /** As of `-J`; `undefined` when not given. */
  readonly proxyJump?: string | undefined
  /** Whether the host is reached through a gateway, where that is not for ssh_config to say. */
  readonly proxied?: boolean | undefined
  /** Whether it is, where ssh_config says nothing of a gateway. Default false. */
  readonly proxiedOtherwise?: boolean | undefined
  /** The command that is going to run, for `Match command` and `Match sessiontype`. */
  readonly command?: string | undefined
  readonly sessionType?: 'shell' | 'exec' | 'subsystem' | 'none' | undefined
}

/**
 * Whether commands that the files name may run. `allow` runs them; `deny` throws ConfigError EXEC_DENIED with the line;
 * `skip` takes the criterion for not fulfilled and says so in the warnings; a function decides for each.
 */
export type ExecPolicy = 'allow' | 'deny' | 'skip' | ((request: ExecRequest) => boolean | Promise<boolean>)

/** A command that a configuration wants to run. */
export interface ExecRequest {
  /** With its tokens expanded. */
  readonly command: string
  /** `~/.ssh/config:12` */
  readonly origin: string
}

/** One or several parsed ssh_config files in the order of their precedence, ready to be asked. Immutable. */
export interface SshConfig {
  /** The policy with which it was opened. */
  readonly exec: ExecPolicy
  /** Rejects with ConfigError: its `problems` name each line that ssh would not accept. */
  lookUp(query: SshConfigQuery, options?: LookUpOptions): Promise<SshConfigAnswer>
  /** The names of hosts that the files mention without wildcards (Host and ProxyJump), in the order of the files. */
  hostNames(options?: LookUpOptions): Promise<readonly string[]>
}

export interface LookUpOptions {
  /** Overrides the policy with which the files were opened. */
  readonly exec?: ExecPolicy | undefined
  readonly signal?: AbortSignal | undefined
}
