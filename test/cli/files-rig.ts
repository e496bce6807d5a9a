// Two real servers in a row for the tests of put and get, files on either side, and the real scp to compare with.

import { execFile } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Chain, startChain } from '../support/chain.js'
import { keyPair } from '../support/keys.js'
import { scratchDir } from '../support/run-dir.js'
import { ownHome } from './own-home.js'
import { type ProgramResult, quietServer, sallyport } from './program.js'

/** Contents by path; a path that ends in a slash is a directory. */
export type Tree = Readonly<Record<string, { readonly mode: number; readonly text?: string }>>

export interface FilesRig {
  readonly chain: () => Chain
  readonly env: NodeJS.ProcessEnv
  /** Where relative paths of the second server begin. */
  readonly remoteHome: string
  /** The flags by which it is reached through the first. */
  readonly flags: () => readonly string[]
  readonly host: () => string
  /** Runs put or get in a directory. */
  readonly copy: (
    command: 'put' | 'get',
    args: readonly string[],
    options?: { readonly cwd?: string; readonly input?: string },
  ) => Promise<ProgramResult>
  /** Runs scp; gives its exit code. */
  readonly scp: (args: readonly string[], options: { readonly cwd: string }) => Promise<number>
}

/** Until the last test of the file has ended. The first server has no sftp. */
export function filesRig(): FilesRig {
  const { home, env } = ownHome()
  const remoteHome = scratchDir('remote-home')
  let chain: Chain | undefined
  const running = (): Chain => {
    if (chain === undefined) throw new Error('the servers are not there before the first test')
    return chain
  }
  beforeAll(async () => {
    const userKey = await keyPair('files-user')
    const subsystems = ['Subsystem other /bin/false', `Subsystem sftp internal-sftp -d ${remoteHome}`]
    chain = await startChain(2, (index) => ({
      userKey,
      config: [
        ...quietServer(home.path).map((line) => (index === 0 ? line.replace('INFO', 'DEBUG1') : line)),
        subsystems[index] ?? '',
      ],
    }))
    home.write('.ssh/known_hosts', chain.knownHosts())
    home.write('.ssh/id_ed25519', readFileSync(userKey.file, 'utf8'))
  })
  afterAll(() => chain?.[Symbol.asyncDispose]())
  const flags = (): readonly string[] => {
    const { user, host, port } = running().at(0)
    return ['-J', `${user}@${host}:${port}`, '-P', String(running().at(1).port)]
  }
  const host = (): string => `${running().at(1).user}@${running().at(1).host}`
  return {
    chain: running,
    env,
    remoteHome,
    flags,
    host,
    copy: (command, args, options) => sallyport([command, ...flags(), ...args], { env, ...options }),
    scp: (args, { cwd }) => {
      const target = running().at(1)
      const options = target
        .sshArgs()
        .slice(0, -1)
        .map((word) => (word === '-p' ? '-P' : word))
      return new Promise((resolve) => {
        execFile('scp', ['-q', ...options, ...args], { cwd }, (error) => {
          resolve(error === null ? 0 : Number(error.code))
        })
      })
    },
  }
}

/** All that is given gets an old time. */
export function plant(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true })
  for (const [name, { text = '' }] of Object.entries(tree)) {
    const path = join(root, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, text)
  }
  for (const [name, { mode }] of Object.entries(tree).reverse()) {
    chmodSync(join(root, name), mode)
    utimesSync(join(root, name), 1_000_000_000, 1_000_000_000)
  }
}

/** What is below a directory: names, kinds, modes, contents, and whether the time is the old one. */
export function snapshot(root: string): readonly string[] {
  return (readdirSync(root, { recursive: true }) as string[]).sort().map((name) => {
    const path = join(root, name)
    const stats = lstatSync(path)
    const age = stats.mtimeMs === 1_000_000_000_000 ? 'old' : 'new'
    const what = stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? `-> ${readlinkSync(path)}`
        : JSON.stringify(readFileSync(path, 'utf8'))
    return `${name} ${(stats.mode & 0o7777).toString(8)} ${age} ${what}`
  })
}
