// Which ssh_config files a source of ours wants to be read: none, ssh's own, or others by name.

import { resolve } from 'node:path'
import { expandHome } from '../home-path.js'
import type { SshConfigChoice } from './own-config.js'

/** Reads `false`, `'none'`, `'default'`, or names of files, which are not empty. */
export function readSshConfigChoice(
  value: false | string | readonly string[],
  { origin, directory, home }: { readonly origin: string; readonly directory: string; readonly home: string },
): SshConfigChoice {
  if (value === false || value === 'none') return { files: false, origin }
  if (value === 'default') return { files: 'default', origin }
  const names = typeof value === 'string' ? [value] : value
  return { files: names.map((name) => resolve(directory, expandHome(name, { HOME: home }))), origin }
}
