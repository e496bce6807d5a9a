// Refuses descriptions of networks that cannot be meant, before anything is started.

import type { FileTreeDescription, NetworkDescription } from './description.js'
import { DescribedFiles } from './files/host-files.js'

/** Throws a TypeError that names the host and the mistake. */
export function checkDescription({ hosts }: NetworkDescription): void {
  const entries = Object.entries(hosts)
  if (!entries.some(([, { listen }]) => listen === true)) {
    throw new TypeError('no host of the network listens, so that none can be reached')
  }
  for (const [name, { reaches = [], users = {}, files = {} }] of entries) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} is not the name of a host`)
    }
    for (const entry of reaches) {
      const [, to = ''] = /^([^:]+)(:\d+)?$/.exec(entry) ?? []
      if (entry !== '*' && !Object.hasOwn(hosts, to)) {
        throw new TypeError(`${name} is to reach ${JSON.stringify(entry)}, which is no host of the network`)
      }
    }
    for (const [user, { requires = [], password, keyboardInteractive }] of Object.entries(users)) {
      const missing =
        (requires.includes('password') && password === undefined) ||
        (requires.includes('keyboard-interactive') && keyboardInteractive === undefined)
      if (missing) throw new TypeError(`${user} of ${name} requires a method without having anything for it`)
    }
    checkFiles(name, files)
  }
}

function checkFiles(host: string, files: FileTreeDescription): void {
  const made = new DescribedFiles()
  for (const [path, file] of Object.entries(files)) {
    try {
      made.write(path, file)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new TypeError(`${host} cannot have the file ${JSON.stringify(path)}: ${reason}`)
    }
  }
}
