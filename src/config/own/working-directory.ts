// Where relative names begin, also where the working directory has been removed: that has no files, and no name.

import { sep } from 'node:path'

/** The working directory of the process; the root when it has none. */
export function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return sep
  }
}
