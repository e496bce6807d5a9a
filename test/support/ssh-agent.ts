// A real ssh-agent that holds given keys. For an agent that misbehaves, see fake-agent.ts.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KeyPair } from './keys.js'
import { RigLog } from './rig-log.js'
import { scratchDir } from './run-dir.js'

const execute = promisify(execFile)

export interface SshAgent extends AsyncDisposable {
  /** What SSH_AUTH_SOCK would hold. */
  readonly socket: string
  /** Runs the real ssh-add against it. Resolves to its standard output. */
  add(...args: readonly string[]): Promise<string>
}

export interface SshAgentOptions {
  /** The account that it runs as, and that may ask it; default: this process's own. Another needs root. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
}

/** Starts an agent and adds the keys, which must not be encrypted, in their order. */
export async function startSshAgent(
  keys: readonly KeyPair[] = [],
  { account }: SshAgentOptions = {},
): Promise<SshAgent> {
  const directory = scratchDir('agent')
  if (account !== undefined) chownSync(directory, account.uid, account.gid)
  const socket = join(directory, 'socket')
  const log = new RigLog(`ssh-agent on ${socket}`)
  const child = spawn('ssh-agent', ['-D', '-a', socket], { ...account, stdio: ['ignore', 'pipe', 'inherit'] })
  child.on('error', (error) => log.append(`${error.message}\n`))
  log.follow(child.stdout)
  const agent: SshAgent = {
    socket,
    async add(...args) {
      return (await execute('ssh-add', args, { env: { ...process.env, SSH_AUTH_SOCK: socket } })).stdout
    },
    async [Symbol.asyncDispose]() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'close')
    },
  }
  try {
    await log.waitFor(/^SSH_AUTH_SOCK=/)
    for (const key of keys) await agent.add('-q', key.file)
  } catch (error) {
    await agent[Symbol.asyncDispose]()
    throw error
  }
  return agent
}
