// A throw-away account with rules for sudo of its own. Needs root. What sudo remembers of it goes with it.

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { createUnixUser, type UnixUser } from './unix-user.js'

export interface SudoUser extends UnixUser {
  /** Puts these in the place of its rules (sudoers(5)): `{user}` is its name. Without any it may do nothing. */
  readonly rules: (...lines: readonly string[]) => void
}

/** Makes an account that may do everything by its password, which sudo never remembers. */
export async function createSudoUser(): Promise<SudoUser> {
  const user = await createUnixUser()
  const file = `/etc/sudoers.d/${user.name}`
  const rules = (...lines: readonly string[]): void => {
    const text = ['Defaults:{user} timestamp_timeout=0', ...lines].map((line) => `${line}\n`).join('')
    writeFileSync(file, text.replaceAll('{user}', user.name), { mode: 0o440 })
    execFileSync('visudo', ['-cqf', file])
  }
  rules('{user} ALL=(ALL:ALL) ALL')
  return {
    ...user,
    rules,
    async [Symbol.asyncDispose]() {
      rmSync(file, { force: true })
      for (const place of ['/var/lib/sudo/lectured', '/run/sudo/ts']) {
        rmSync(`${place}/${user.name}`, { force: true })
      }
      await user[Symbol.asyncDispose]()
    },
  }
}
