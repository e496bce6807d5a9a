// A configuration whose every key and value has been checked.

import type { ConfigProblem } from '../../errors.js'
import type { FindParts } from './answer.js'
import type { OwnSource, SshConfigChoice } from './own-config.js'

/** Where data came from. */
export interface ConfigPlace {
  readonly source: Exclude<OwnSource, 'environment'>
  /** How messages name the file. */
  readonly file: string
  /** What relative names of ssh_config files are relative to. */
  readonly directory: string
  readonly home: string
}

/** A configuration whose every key and value has been checked. */
export interface CheckedConfig {
  /** In the order of falling precedence; the top level is the last. */
  readonly findParts: FindParts
  readonly sshConfig: SshConfigChoice | undefined
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** The hosts that have a part of their own, by name. */
  readonly hostNames: readonly string[]
  readonly allowExec: boolean | readonly string[] | undefined
  /** What is an error unless the source is trusted. */
  readonly needsTrust: readonly ConfigProblem[]
}
