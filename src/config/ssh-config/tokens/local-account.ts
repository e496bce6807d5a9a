// Who runs this, and on which machine: what the tokens of ssh_config(5) say about the local side.

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Env, type Homes, homeDirectory } from '../../home-path.js'
import { findLocalUser } from '../../local-user.js'

/** The local side of a connection. */
export interface LocalAccount extends Homes {
  /** `undefined` for an account that has no entry in the user database. */
  readonly user: string | undefined
  readonly uid: number
  /** The name of this machine, with its domain where it was set up so. */
  readonly machine: string
}

/** Asks the system. */
export function localAccount(env: Env = process.env): LocalAccount {
  return {
    user: findLocalUser(),
    uid: process.getuid?.() ?? 0,
    home: homeDirectory(env),
    machine: hostname(),
    findHomeOf,
  }
}

// Node cannot ask the user database. Accounts that only a directory service knows are not found (passwd(5)).
function findHomeOf(user: string): string | undefined {
  for (const line of readUserDatabase().split('\n')) {
    const [name, , , , , home] = line.split(':')
    if (name === user && home !== undefined) return home
  }
  return undefined
}

function readUserDatabase(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return ''
  }
}
