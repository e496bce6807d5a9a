// Whether two names that differ only in case are one file here: then the second of two must not replace the first.

import { lstat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Whether names that differ only in case are one file here; by the system's habit where that cannot be seen. */
export async function findIgnoresCase(to: string): Promise<boolean> {
  // It is not there yet, mostly, but what it is made in is.
  const path = (await lstat(to).catch(() => undefined)) === undefined ? dirname(to) : to
  const other = path.replace(/[a-z](?=[^a-z]*$)/i, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
  const habit = process.platform === 'win32' || process.platform === 'darwin'
  const [one, two] = await Promise.all([path, other].map((each) => lstat(each).catch(() => undefined)))
  return one === undefined || other === path ? habit : one.ino === two?.ino && one.dev === two.dev
}
