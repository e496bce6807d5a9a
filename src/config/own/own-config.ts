// One source of the framework's own configuration, read and checked, ready to be asked about hosts.

import type { ConfiguredGateway } from '../host-answer.js'
import type { Layer, Source } from '../merge.js'

/** One source of our own configuration. Immutable. */
export interface OwnConfig {
  readonly source: OwnSource
  /** How messages name the source: a file, `option config`, or `the environment`. */
  readonly origin: string
  /** What the source says about a host as it was named, without user and port. */
  readonly forHost: (host: string) => OwnAnswer
  /** Which ssh_config files are to be read; `undefined` when the source does not say. */
  readonly sshConfig: SshConfigChoice | undefined
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** Names of single hosts that the source mentions, in its order, each once. */
  readonly hostNames: readonly string[]
}

/** The sources that are ours, in the order of falling precedence. */
export type OwnSource = Extract<Source, 'environment' | 'project' | 'user' | 'system'>

/** What one source says about one host. */
export interface OwnAnswer {
  readonly layer: Layer
  readonly gateway: ConfiguredGateway | undefined
}

/**
 * Which ssh_config files are to be read. Only sources that are trusted can name files, which then may run commands as
 * ssh runs them.
 */
export interface SshConfigChoice {
  /** `false` for none, `default` for the user's and the system's, or absolute paths in the order of precedence. */
  readonly files: false | 'default' | readonly string[]
  readonly origin: string
}
