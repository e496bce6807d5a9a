// What a configuration says about the rigs' servers, in ssh's words and in ours: all that it takes to reach one of them,
// and nothing that helps with another.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SettingOptions } from '../../src/index.js'
import { knownHostsFile } from './link-up.js'
import { scratchDir } from './run-dir.js'
import type { Sshd } from './sshd.js'

/** A `Host` block for `sshd` under that name. `lines` come first, and so they win. */
export function hostBlock(name: string, sshd: Sshd, ...lines: readonly string[]): string {
  const usual = [
    `HostName ${sshd.host}`,
    `Port ${sshd.port}`,
    `User ${sshd.user}`,
    `IdentityFile ${sshd.userKeyFile}`,
    'IdentityAgent none',
    `UserKnownHostsFile ${knownHostsFile(sshd.knownHostsLine())}`,
    'GlobalKnownHostsFile none',
  ]
  return `Host ${name}\n${[...lines, ...usual].map((line) => `  ${line}\n`).join('')}`
}

/** The same in the words of our own files. */
export function hostEntry(sshd: Sshd): SettingOptions {
  return {
    hostName: sshd.host,
    port: sshd.port,
    user: sshd.user,
    identityFile: [sshd.userKeyFile],
    identityAgent: 'none',
    userKnownHostsFile: [knownHostsFile(sshd.knownHostsLine())],
    globalKnownHostsFile: [],
  }
}

/** A file of ssh_config with this text, mode 0600. */
export function sshConfigFile(...parts: readonly string[]): string {
  const file = join(scratchDir('ssh-config'), 'config')
  writeFileSync(file, parts.join(''), { mode: 0o600 })
  return file
}
