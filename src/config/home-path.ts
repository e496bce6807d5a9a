// File names as people write them: `~` stands for the home directory.

import { homedir } from 'node:os'
import { join } from 'node:path'

/** `~` and `~/…` expanded; anything else as it is. The home directory is `HOME`, else the account's. */
export function expandHome(
  path: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { HOME } = env
  const home = HOME || homedir()
  if (path === '~') return home
  return path.startsWith('~/') ? join(home, path.slice(2)) : path
}
