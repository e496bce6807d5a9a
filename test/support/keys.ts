// Key pairs made by the real ssh-keygen: each name and type once per test run, shared by all test processes.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runDir, scratchDir } from './run-dir.js'

const execute = promisify(execFile)

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa'

export interface KeyPair {
  /** The private key's file, mode 0600. The public one is beside it, with `.pub`. */
  readonly file: string
  /** Type and base64 blob, without a comment: what authorized_keys and known_hosts want. */
  readonly publicLine: string
  /** `SHA256:…` as ssh-keygen -l prints it. */
  readonly fingerprint: string
}

export interface KeyPairOptions {
  /** Default `ed25519`. */
  readonly type?: KeyType | undefined
  /** Default: not encrypted. */
  readonly passphrase?: string | undefined
}

/** The key pair of that name and type, made when it is first asked for. */
export async function keyPair(name: string, options: KeyPairOptions = {}): Promise<KeyPair> {
  const { type = 'ed25519', passphrase = '' } = options
  const directory = join(runDir(), 'keys', `${name}-${type}${passphrase === '' ? '' : '-encrypted'}`)
  if (!(await exists(directory))) await generate(directory, type, passphrase)
  const file = join(directory, 'key')
  const publicLine = (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ').trim()
  return { file, publicLine, fingerprint: fingerprintOf(publicLine) }
}

/** `SHA256:…` of a public key line, as ssh-keygen -l prints it. */
export function fingerprintOf(publicLine: string): string {
  const blob = Buffer.from(publicLine.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** Made aside and renamed into place, so that two processes can ask for one name at the same time. */
async function generate(directory: string, type: KeyType, passphrase: string): Promise<void> {
  const aside = scratchDir('key')
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  await execute('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...bits,
    '-N',
    passphrase,
    '-C',
    '',
    '-f',
    join(aside, 'key'),
  ])
  await mkdir(join(runDir(), 'keys'), { recursive: true })
  try {
    await rename(aside, directory)
  } catch (error) {
    if (!(await exists(directory))) throw error
    await rm(aside, { recursive: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
