// Throw-away accounts of this machine with a known password, for password and keyboard-interactive logins to a real
// sshd (`PasswordAuthentication yes`, or `UsePAM yes` and `KbdInteractiveAuthentication yes`). Needs root.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { scratchDir } from './run-dir.js'

export interface UnixUser extends AsyncDisposable {
  readonly name: string
  readonly password: string
  readonly home: string
}

export interface UnixUserOptions {
  /** Default `/bin/sh`. */
  readonly shell?: string | undefined
}

/** Makes an account; disposing it ends its processes and removes it. */
export async function createUnixUser({ shell = '/bin/sh' }: UnixUserOptions = {}): Promise<UnixUser> {
  if (process.getuid?.() !== 0)
    throw new Error('making a throw-away account needs root: run the tests as root')
  const name = `sp${randomBytes(5).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  const home = scratchDir(name)
  execFileSync('useradd', ['--no-create-home', '--home-dir', home, '--shell', shell, name], quiet)
  execFileSync('chown', [name, home])
  execFileSync('chpasswd', { ...quiet, input: `${name}:${password}\n` })
  return {
    name,
    password,
    home,
    async [Symbol.asyncDispose]() {
      execFileSync('userdel', ['--force', name], quiet)
    },
  }
}

const quiet = { stdio: 'pipe' } as const
