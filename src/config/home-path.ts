// File names as people write them: `~` stands for the home directory, `~user` for another's. Who lives where is passed
// in: see local-account.ts.

import { homedir } from 'node:os'

/** The environment, or part of one. */
export type Env = Readonly<Record<string, string | undefined>>

/** Where people live. */
export interface Homes {
  /** The home directory of whoever runs this. */
  readonly home: string
  /** The home directory of another user; `undefined` when there is no such user. */
  readonly findHomeOf: (user: string) => string | undefined
}

/** The home directory: `HOME`, else the account's. */
export function homeDirectory(env: Env): string {
  const { HOME } = env
  return HOME || homedir()
}

/** `~` and `~/…` expanded; anything else as it is. */
export function expandHome(path: string, env: Env = process.env): string {
  const homes: Homes = { home: homeDirectory(env), findHomeOf: () => undefined }
  return expandUserPath(path, homes) ?? path
}

/** `~`, `~/…`, `~user` and `~user/…` expanded, anything else as it is; `undefined` when there is no such user. */
export function expandUserPath(path: string, { home, findHomeOf }: Homes): string | undefined {
  if (!path.startsWith('~')) return path
  const slash = path.indexOf('/')
  const user = path.slice(1, slash < 0 ? undefined : slash)
  const start = user === '' ? home : findHomeOf(user)
  if (start === undefined) return undefined
  // The slashes after the name are one, and it is there even when nothing follows (misc.c tilde_expand).
  const rest = slash < 0 ? '' : path.slice(slash).replace(/^\/+/, '')
  return start.endsWith('/') ? `${start}${rest}` : `${start}/${rest}`
}
