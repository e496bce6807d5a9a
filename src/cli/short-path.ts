// File names as people write them.

import { homedir } from 'node:os'
import { sep } from 'node:path'

/** `~/.ssh/config` for a file below the home directory; every other name as it is. */
export function shortPath(file: string): string {
  const home = homedir()
  return home !== '' && home !== sep && file.startsWith(home + sep) ? `~${file.slice(home.length)}` : file
}
