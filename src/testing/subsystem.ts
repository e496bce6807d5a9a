// Which subsystems an embedded host has: the described ones, and sftp with the host's files.

import { once } from 'node:events'
import type { CommandProgram, HostDescription } from './description.js'
import type { Faults } from './faults.js'
import { serveFiles } from './files/file-server.js'
import type { FileTree } from './files/file-tree.js'

export interface SubsystemOptions {
  readonly description: HostDescription
  readonly files: FileTree
  readonly faults: () => Faults
}

/** The program of a subsystem; `undefined` where there is none of this name. */
export function findSubsystem(name: string, options: SubsystemOptions): CommandProgram | undefined {
  const { subsystems = {} } = options.description
  const described = Object.hasOwn(subsystems, name) ? subsystems[name] : undefined
  return described ?? (name === 'sftp' ? fileProgram(options) : undefined)
}

function fileProgram({ files, faults }: SubsystemOptions): CommandProgram {
  return async (_name, { stdin, stdout, host, signal }) => {
    if (faults().sftp === 'banner' && !stdout.write(`Welcome to ${host}\n`)) {
      await once(stdout, 'drain', { signal })
    }
    await serveFiles({ tree: files, faults: () => faults().files ?? {}, stdin, stdout, signal })
    return 0
  }
}
