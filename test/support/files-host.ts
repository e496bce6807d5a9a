// What the tests of put and get share: a host behind a gateway whose files are those of a user made for them, and
// directories on either side.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '../../src/index.js'
import { type Chain, startChain } from './chain.js'
import { closeAll, connectionsThrough } from './link-up.js'
import { scratchDir } from './run-dir.js'
import { createUnixUser, type UnixUser } from './unix-user.js'

export interface FilesHost extends AsyncDisposable {
  readonly user: UnixUser
  readonly chain: Chain
  readonly gateway: Connection
  /** To the host, and open. */
  readonly host: Connection
  /** A directory here, and one of the user's there, both with these files. */
  places(files?: Readonly<Record<string, string | Buffer>>): Places
}

export interface Places {
  readonly here: string
  readonly there: string
}

export async function startFilesHost(): Promise<FilesHost> {
  const user = await createUnixUser()
  const chain = await startChain(2, (index) =>
    index === 1 ? { user: user.name, config: ['LogLevel INFO', 'Subsystem sftp internal-sftp'] } : {},
  )
  const connections = connectionsThrough(chain)
  const [gateway, target] = connections
  if (gateway === undefined || target === undefined) throw new Error('no connections')
  return {
    user,
    chain,
    gateway,
    host: await target.open(),
    places: (files = {}) => {
      const here = scratchDir('here')
      const there = join(user.home, here.replace(/.*\//, ''))
      mkdirSync(there)
      for (const [name, content] of Object.entries(files)) {
        for (const directory of [here, there]) writeFileSync(join(directory, name), content)
      }
      execFileSync('chown', ['-R', user.name, there])
      return { here, there }
    },
    [Symbol.asyncDispose]: async () => {
      await closeAll(connections)
      await chain[Symbol.asyncDispose]()
      await user[Symbol.asyncDispose]()
    },
  }
}
