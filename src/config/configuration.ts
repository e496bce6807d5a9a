// The configured sources that a call may use, opened and asked as one: ssh_config, the environment, files of our own.
// What the options mean is decided here; how the sources are read is not.

import type { Configuration } from './host-answer.js'
import type { SallyportConfig } from './own/define-config.js'
import type { ExecPolicy, SshConfig } from './ssh-config/answer.js'

/** Which configured sources a host is looked up in. */
export interface ConfigurationOptions {
  /**
   * `'default'`: `~/.ssh/config`, then `/etc/ssh/ssh_config`, as ssh reads them. A file, or files, are read in their
   * place (`ssh -F`), an empty list reads nothing, and so does `false`. What {@link parseSshConfig} gave is used as it is.
   */
  readonly sshConfig?: false | 'default' | string | readonly string[] | SshConfig | undefined
  /** Directives in ssh's words that beat the files, as `ssh -o`: `['Port=2200', 'User ops']`. For this host, not its gateways. */
  readonly sshOptions?: readonly string[] | undefined
  /**
   * Our own configuration: a file in place of the project's, an object that counts as the project's, or `false` for
   * none at all, the environment included. Default: the environment, and the project's, user's and system's files.
   */
  readonly config?: false | string | SallyportConfig | undefined
  /** Trusts the project's own file to name commands and to decide what is secure. Default false. */
  readonly allowExec?: boolean | undefined
  /** Whether commands in ssh_config may run. Default: those of the files that ssh reads itself may. */
  readonly exec?: ExecPolicy | undefined
}

/** The names of {@link ConfigurationOptions}. */
export const configurationOptionNames = {
  sshConfig: true,
  sshOptions: true,
  config: true,
  allowExec: true,
  exec: true,
} as const satisfies Record<keyof ConfigurationOptions, true>

/** Opens the sources. Rejects with ConfigError. */
export async function openConfiguration(_options: ConfigurationOptions): Promise<Configuration> {
  return { lookUp: async () => ({ layers: [], gateways: [], warnings: [], unused: [] }) }
}
