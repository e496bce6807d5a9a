// A real server for a file of tests about the command line, and the flags by which it is reached.

import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { afterAll, beforeAll } from 'vitest'
import type { Address } from '../../src/dialer.js'
import { client, receive, type Service, startService } from '../support/peers.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import type { TempHome } from '../support/temp-home.js'
import { ownHome } from './own-home.js'
import { quietServer } from './program.js'

export interface OwnServer {
  readonly sshd: () => Sshd
  readonly home: TempHome
  readonly env: NodeJS.ProcessEnv
  /** The flags and the host. */
  readonly to: () => readonly string[]
}

/** Until the last test of the file has ended. Further lines of its sshd_config beat the usual ones. */
export function ownServer(config: readonly string[] = []): OwnServer {
  const { home, env } = ownHome()
  let sshd: Sshd | undefined
  const running = (): Sshd => {
    if (sshd === undefined) throw new Error('the server is not there before the first test')
    return sshd
  }
  beforeAll(async () => {
    sshd = await startSshd({ config: [...config, ...quietServer(home.path)] })
    home.write('.ssh/known_hosts', sshd.knownHostsLine())
  })
  afterAll(() => sshd?.stop())
  const to = (): readonly string[] => {
    const { userKeyFile, port, user, host } = running()
    return ['-i', userKeyFile, '-p', String(port), `${user}@${host}`]
  }
  return { sshd: running, home, env, to }
}

/** Connects, sends this, ends that way, and gives all that comes back; rejects when nobody listens. */
export async function ask(address: Address, words: string | Buffer): Promise<string> {
  const socket = client(address)
  socket.end(words)
  const { bytes, error } = await receive(socket)
  if (error !== undefined) throw new Error(error)
  return bytes.toString('latin1')
}

/** A service that answers to all that it was sent, once that has ended. */
export function startAnswering(answer: (all: Buffer) => string | Buffer): Promise<Service> {
  return startService((socket) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', () => socket.end(answer(Buffer.concat(chunks))))
  })
}

/** Waits until the program has written this to standard output or standard error. */
export async function shows(
  child: ChildProcessWithoutNullStreams,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let all = ''
    const read = (chunk: Buffer): void => {
      all += chunk.toString()
      const found = pattern.exec(all)
      if (found !== null) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('close', () => reject(new Error(`never shown: ${pattern}\n${all}`)))
  })
}
