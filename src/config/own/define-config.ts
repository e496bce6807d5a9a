// The shape of the framework's own configuration: what a file may say, as a type for those who write it in TypeScript.
// What is acceptable when it comes as data stands in schema.ts.

import type { SettingOptions } from '../runtime.js'

/** The gateway of a host, in our words and in ssh's; at most one of the three. */
export interface GatewayConfig {
  /** A ProxyCommand; or hosts to jump through, first to last; or `false` for a direct connection. */
  readonly gateway?: string | readonly string[] | false | undefined
  /** Hosts to jump through, in ssh's words: `'user@a:22,b'`, or `'none'`. */
  readonly proxyJump?: string | undefined
  /** The command whose standard input and output are the connection, or `'none'`. */
  readonly proxyCommand?: string | undefined
}

/** What is configured for the hosts that a pattern matches. Undefined values count as absent. */
export type HostConfig = SettingOptions & GatewayConfig

/** The framework's own configuration, as a file or an object. */
export interface SallyportConfig extends SettingOptions, GatewayConfig {
  /**
   * Values for some hosts, by patterns as of ssh's `Host`, with blanks or commas between several: the first in the order
   * of the file that matches and has a value wins, and beats the top level. A secret needs the name of one host.
   */
  readonly hosts?: Readonly<Record<string, HostConfig>> | undefined
  /** Which ssh_config files are read: none, the user's and the system's (the default), or these in their place. */
  readonly sshConfig?: false | 'default' | string | readonly string[] | undefined
  /** Names for lists of hosts. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * Trusts project files to name commands and to decide what is secure: all of them, or those in these directories. Of
   * effect in the user's and the system's file only; an error in a project file.
   */
  readonly allowExec?: boolean | readonly string[] | undefined
}

/** Returns `config` as it is; it is there for the types. */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config
}
