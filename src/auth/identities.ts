// Key files: reading them and finding their public halves, without asking anyone. A file that cannot be used says why
// and stops nothing. Passphrases are for unlock.ts, the order is for public-keys.ts.

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { expandHome } from '../config/home-path.js'
import { lacksDescriptors } from '../lacks-descriptors.js'
import { printable } from '../printable.js'
import type { PrivateKey, PublicKey } from '../wire/wire.js'
import type { AuthContext } from './context.js'

/** The names that are looked for in `~/.ssh`, in this order. */
const defaultFiles = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']
/** OpenSSH's own limit. */
const maxFileBytes = 1024 * 1024

/** A key file, as far as it can be used. */
export interface Identity {
  readonly file: string
  /** Nobody said that it is there: one of the usual names, or one that ssh_config has for many hosts. */
  readonly mayBeMissing: boolean
  /** Unknown for an encrypted PEM file without a `.pub` file beside it, and for most unusable ones. */
  readonly publicKey: PublicKey | undefined
  readonly secret:
    | { readonly kind: 'open'; readonly key: PrivateKey }
    | { readonly kind: 'encrypted'; readonly text: Buffer }
    | { readonly kind: 'unusable'; readonly note: string; readonly hint?: string | undefined }
}

/** The hop's key files in their order, without those that may be missing and are. Never rejects. */
export async function readIdentities({
  settings,
  env,
  keys,
  optionalFiles,
}: AuthContext): Promise<readonly Identity[]> {
  const { identityFile } = settings
  const files = new Map<string, boolean>()
  for (const name of identityFile ?? defaultFiles) {
    const file = expandHome(name, env)
    const mayBeMissing = identityFile === undefined || optionalFiles.has(name)
    files.set(file, mayBeMissing && files.get(file) !== false)
  }
  const identities = await Promise.all(
    [...files].map(async ([file, mayBeMissing]) => ({ ...(await readIdentity(file, keys)), mayBeMissing })),
  )
  return identities.filter((identity) => !(identity.mayBeMissing && isAbsent(identity)))
}

/** The note about a file that does not exist. */
export const missing = 'no such file'

/** Whether not even the public half is there, by which the agent's could be found. */
function isAbsent({ publicKey, secret }: Identity): boolean {
  return publicKey === undefined && secret.kind === 'unusable' && secret.note === missing
}

async function readIdentity(
  file: string,
  keys: AuthContext['keys'],
): Promise<Omit<Identity, 'mayBeMissing'>> {
  const content = await readKeyFile(file)
  if (content.text === undefined) {
    return {
      file,
      publicKey: await findPublicFile(file, keys),
      secret: { kind: 'unusable', note: content.note },
    }
  }
  const { text } = content
  const publicLine = parsePublicLine(text, keys)
  if (publicLine !== undefined) {
    return {
      file,
      publicKey: publicLine,
      secret: { kind: 'unusable', note: 'a public key, and the agent does not hold the private one' },
    }
  }
  const key = keys.parsePrivateKey(text)
  const isEncrypted = 'problem' in key && key.problem === 'encrypted'
  const known = 'problem' in key ? key.publicKey : key
  const publicKey = known ?? (await findPublicFile(file, keys))
  if (content.isExposed) {
    const note = 'others may read the file, so that it must be regarded as stolen'
    return { file, publicKey, secret: { kind: 'unusable', note, hint: `chmod 600 ${printable(file, 1000)}` } }
  }
  if (isEncrypted) return { file, publicKey, secret: { kind: 'encrypted', text } }
  if ('problem' in key) return { file, publicKey, secret: { kind: 'unusable', note: key.detail } }
  return { file, publicKey, secret: { kind: 'open', key } }
}

type KeyFile =
  | { readonly text: Buffer; readonly isExposed: boolean }
  | { readonly text?: never; readonly note: string }

/** Opens without blocking, so that a named pipe cannot stall, and looks at the very file that it reads. */
async function readKeyFile(file: string): Promise<KeyFile> {
  try {
    await using handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stat = await handle.stat()
    if (!stat.isFile()) return { note: 'not a file' }
    if (stat.size > maxFileBytes) return { note: 'too long for a key file' }
    const isExposed = stat.uid === process.getuid?.() && (stat.mode & 0o077) !== 0
    return { text: await handle.readFile(), isExposed }
  } catch (error) {
    // That says nothing about the file.
    if (lacksDescriptors(error)) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    if (code === 'ENOENT' || code === 'ENOTDIR') return { note: missing }
    return { note: code === 'EACCES' ? 'permission denied' : `could not be read: ${code}` }
  }
}

async function findPublicFile(file: string, keys: AuthContext['keys']): Promise<PublicKey | undefined> {
  const content = await readKeyFile(`${file}.pub`)
  return content.text === undefined ? undefined : parsePublicLine(content.text, keys)
}

/** `ssh-ed25519 AAAA… comment`, sshd(8) AUTHORIZED_KEYS without options. */
function parsePublicLine(text: Buffer, keys: AuthContext['keys']): PublicKey | undefined {
  const [, type, base64] = /^\s*([a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/=]+)/.exec(text.toString('latin1')) ?? []
  if (base64 === undefined) return undefined
  const key = keys.parsePublicKey(Buffer.from(base64, 'base64'))
  return key?.type === type ? key : undefined
}
