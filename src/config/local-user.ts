// Who runs this process, by the user database.

import { userInfo } from 'node:os'

/** The login name; `undefined` for an account without an entry, for which the user must be given. */
export function findLocalUser(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
