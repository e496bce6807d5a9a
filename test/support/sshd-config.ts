// The configuration of one rig sshd, as text. Given lines come first, because sshd takes the first value it reads.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export interface SshdConfig {
  readonly host: string
  readonly port: number
  readonly hostKeyFiles: readonly string[]
  readonly authorizedKeysFile: string
  /** The HOME of what it runs: away from start-up files of the person, which cost time and may print. */
  readonly home: string
  /**
   * Further sshd_config lines; they beat the ones below. `Match` and what follows it goes to the end. A `Subsystem` line
   * of any name takes the place of sftp's, so that one of another name makes a server without sftp.
   */
  readonly lines: readonly string[]
}

export function formatSshdConfig(config: SshdConfig): string {
  const match = config.lines.findIndex((line) => /^\s*match\b/i.test(line))
  const end = match === -1 ? config.lines.length : match
  return [
    ...config.lines.slice(0, end),
    `ListenAddress ${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`,
    ...config.hostKeyFiles.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${config.authorizedKeysFile}`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'PrintLastLog no',
    'LogLevel DEBUG1',
    `SetEnv HOME=${config.home}`,
    ...subsystem(config),
    ...withoutPenalties(),
    ...config.lines.slice(end),
    '',
  ].join('\n')
}

/** Relative paths begin in the rig's home, and not in that of the account. sshd refuses a second line for one name. */
function subsystem({ lines, home }: SshdConfig): readonly string[] {
  return lines.some((line) => /^\s*subsystem\b/i.test(line))
    ? []
    : [`Subsystem sftp internal-sftp -d ${home}`]
}

/** The absolute path, without which sshd refuses to start. */
export function sshdPath(): string {
  const found = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path))
  if (found === undefined) throw new Error('sshd is missing: install openssh-server')
  return found
}

let penalties: readonly string[] | undefined

/** OpenSSH 9.8 and later lock out addresses that fail to log in, which is what many tests do. */
function withoutPenalties(): readonly string[] {
  if (penalties === undefined) {
    const [, major = 0, minor = 0] = (
      spawnSync('ssh', ['-V'])
        .stderr.toString()
        .match(/_(\d+)\.(\d+)/) ?? []
    ).map(Number)
    penalties = major > 9 || (major === 9 && minor >= 8) ? ['PerSourcePenalties no'] : []
  }
  return penalties
}
