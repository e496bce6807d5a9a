// Private keys: read from OpenSSH and PEM files, signing, and handed to ssh2 as an agent that holds a single key.
// ssh2 decrypts the OpenSSH format; all else is node:crypto. Which key is used when, and passphrases, are for auth.

import { createPrivateKey, createPublicKey, type KeyObject, sign as signCallback } from 'node:crypto'
import { promisify } from 'node:util'
import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { SallyportError } from '../errors.js'
import { fingerprintOf } from '../fingerprint.js'
import { printable } from '../printable.js'
import { curves, hashOf, isLoginType, parsePublicKey } from './public-key.js'
import { sshMpint, sshReader, sshString } from './ssh-string.js'
import type { KeyProblem, PrivateKey, PublicKey, SigningKey } from './wire.js'

export { parsePublicKey }

const signAsync = promisify(signCallback)

/** Reads a private key in OpenSSH or PEM format (PKCS#1, SEC 1, PKCS#8). Never throws. */
export function parsePrivateKey(text: Buffer, passphrase?: string | Buffer): PrivateKey | KeyProblem {
  const [, label] = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----/.exec(text.toString('latin1')) ?? []
  try {
    if (label === undefined) return findForeignFormat(text)
    return label === 'OPENSSH PRIVATE KEY' ? readOpenSsh(text, passphrase) : readPem(text, label, passphrase)
  } catch (error) {
    return problem('malformed', error instanceof RangeError ? 'the key is cut short' : 'the key is damaged')
  }
}

function findForeignFormat(text: Buffer): KeyProblem {
  const start = text.subarray(0, 100).toString('latin1').trimStart()
  if (start.startsWith('PuTTY-User-Key-File')) {
    return problem('unsupported', 'a PuTTY key: convert it with puttygen -O private-openssh')
  }
  return problem('malformed', 'not a private key')
}

/** PROTOCOL.key of OpenSSH. The header has the type and the public key in clear, so neither needs the passphrase. */
function readOpenSsh(text: Buffer, passphrase: string | Buffer | undefined): PrivateKey | KeyProblem {
  const header = readOpenSshHeader(text)
  if (!isLoginType(header.type)) return unsupportedType(header.type)
  const publicKey = parsePublicKey(header.blob)
  if (publicKey === undefined) return problem('malformed', 'the public half is damaged')
  const isEncrypted = header.cipher !== 'none'
  if (
    isEncrypted &&
    (header.kdf !== 'bcrypt' || !/^aes\d+-(ctr|cbc|gcm@openssh\.com)$/.test(header.cipher))
  ) {
    return problem('unsupported', `encrypted with ${printable(`${header.cipher} and ${header.kdf}`)}`)
  }
  if (isEncrypted && passphrase === undefined) {
    return { ...problem('encrypted', 'a passphrase is needed'), publicKey }
  }
  const parsed = parseQuietly(text, isEncrypted ? passphrase : undefined)
  if (parsed instanceof Error) {
    if (isEncrypted && !/^Malformed/.test(parsed.message)) {
      return { ...problem('wrong passphrase', 'the passphrase is wrong'), publicKey }
    }
    return problem('malformed', 'the key is damaged')
  }
  const key = signingKey(createPrivateKey(parsed.getPrivatePEM()), parsed.comment)
  if (key === undefined || !key.blob.equals(header.blob)) {
    return problem('malformed', 'the public and the private half do not belong together')
  }
  return key
}

function readOpenSshHeader(text: Buffer): {
  readonly cipher: string
  readonly kdf: string
  readonly type: string
  readonly blob: Buffer
} {
  const magic = 'openssh-key-v1\0'
  const base64 = text.toString('latin1').replace(/-----[A-Z ]*-----/g, '')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) throw new TypeError('no openssh-key-v1')
  const reader = sshReader(bytes.subarray(magic.length))
  const cipher = reader.string().toString('latin1')
  const kdf = reader.string().toString('latin1')
  reader.string()
  if (reader.uint32() !== 1) throw new TypeError('not exactly one key')
  const blob = Buffer.from(reader.string())
  return { cipher, kdf, blob, type: sshReader(blob).string().toString('latin1') }
}

/** ssh2 1.17 mostly returns its errors, but throws some for data that it does not expect. */
function parseQuietly(text: Buffer, passphrase: string | Buffer | undefined): ParsedKey | Error {
  try {
    return ssh2.utils.parseKey(text, passphrase)
  } catch (error) {
    return error instanceof Error ? error : new Error('Malformed')
  }
}

function readPem(
  text: Buffer,
  label: string,
  passphrase: string | Buffer | undefined,
): PrivateKey | KeyProblem {
  const isEncrypted =
    label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: *4, *ENCRYPTED/m.test(text.toString('latin1'))
  if (isEncrypted && passphrase === undefined) return problem('encrypted', 'a passphrase is needed')
  let key: KeyObject
  try {
    key = createPrivateKey(isEncrypted && passphrase !== undefined ? { key: text, passphrase } : text)
  } catch (error) {
    if (!isEncrypted) return problem('malformed', 'the key is damaged')
    if (error instanceof Error && 'code' in error && error.code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      return problem('unsupported', 'encrypted with an outdated algorithm: convert it with ssh-keygen -p')
    }
    return problem('wrong passphrase', 'the passphrase is wrong')
  }
  return signingKey(key, '') ?? unsupportedType(key.asymmetricKeyType ?? 'unknown')
}

function problem(word: KeyProblem['problem'], detail: string): KeyProblem {
  return { problem: word, detail }
}

function unsupportedType(type: string): KeyProblem {
  return problem('unsupported', `keys of type ${printable(type, 60)} are not supported`)
}

/** The private half stays inside `sign`: neither printing nor JSON shows it. */
function signingKey(key: KeyObject, comment: string): SigningKey | undefined {
  const publicKey = findPublicKey(key)
  if (publicKey === undefined) return undefined
  const { type } = publicKey
  return {
    ...publicKey,
    comment,
    sign: async (data, algorithm) => {
      const hash = hashOf(type, algorithm)
      // ieee-p1363 is r and s side by side; it concerns ECDSA only.
      const raw = await signAsync(hash ?? undefined, data, { key, dsaEncoding: 'ieee-p1363' })
      const half = raw.length / 2
      const signature = type.startsWith('ecdsa-')
        ? Buffer.concat([sshMpint(raw.subarray(0, half)), sshMpint(raw.subarray(half))])
        : raw
      return Buffer.concat([sshString(algorithm), sshString(signature)])
    },
  }
}

/** The public half, in the form of the wire; `undefined` for a type that cannot log in. */
function findPublicKey(key: KeyObject): PublicKey | undefined {
  if (!['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '')) return undefined
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const part = (name: 'n' | 'e' | 'x' | 'y'): Buffer => Buffer.from(jwk[name] ?? '', 'base64url')
  const blob = (type: string, ...parts: readonly Buffer[]): PublicKey => {
    const bytes = Buffer.concat([sshString(type), ...parts])
    return { type, blob: bytes, fingerprint: fingerprintOf(bytes), comment: '' }
  }
  if (jwk.kty === 'RSA') return blob('ssh-rsa', sshMpint(part('e')), sshMpint(part('n')))
  if (jwk.kty === 'OKP') return blob('ssh-ed25519', sshString(part('x')))
  const [type, curve] = Object.entries(curves).find(([, { jwk: name }]) => name === jwk.crv) ?? []
  if (type === undefined || curve === undefined) return undefined
  const point = Buffer.concat([Buffer.of(4), part('x'), part('y')])
  return blob(type, sshString(curve.name), sshString(point))
}

/**
 * An agent for ssh2's authentication method `agent` that holds exactly this key, so that ssh2 asks the server about
 * the key before anything is signed. It signs with nothing but `algorithms`. An error that it reports to ssh2 has what
 * `key.sign` rejected with as its cause, because ssh2 writes to the error.
 */
export function toSsh2Agent(
  key: SigningKey,
  algorithms: readonly string[],
): InstanceType<typeof ssh2.BaseAgent> {
  return new SingleKeyAgent(key, algorithms)
}

class SingleKeyAgent extends ssh2.BaseAgent<Buffer> {
  readonly #key: SigningKey
  readonly #algorithms: readonly string[]

  constructor(key: SigningKey, algorithms: readonly string[]) {
    super()
    this.#key = key
    this.#algorithms = algorithms
  }

  override getIdentities(callback: (error?: Error | null, keys?: Buffer[]) => void): void {
    callback(null, [this.#key.blob])
  }

  override sign(
    _publicKey: Buffer,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback
    const hash = typeof options === 'function' ? undefined : options.hash
    const algorithm = algorithmFor(this.#key, hash)
    const signing = this.#algorithms.includes(algorithm)
      ? signBare(this.#key, data, algorithm)
      : Promise.reject(notAccepted(algorithm))
    signing.then(
      (signature) => done?.(null, signature),
      (cause: unknown) => done?.(new Error('the key could not sign', { cause })),
    )
  }
}

/** The hash is what tells the algorithms of RSA keys apart; other types have one algorithm. */
function algorithmFor({ type }: SigningKey, hash: SigningRequestOptions['hash']): string {
  const rsa = { sha512: 'rsa-sha2-512', sha256: 'rsa-sha2-256', sha1: 'ssh-rsa' }
  return type === 'ssh-rsa' ? rsa[hash ?? 'sha1'] : type
}

function notAccepted(algorithm: string): SallyportError {
  const what = `the server takes only ${algorithm}, with which it may not sign`
  return new SallyportError('IDENTITY_UNUSABLE', what, { phase: 'authentication' })
}

/** ssh2 wants the signature without the algorithm in front, and writes its own in its place: they must be the same. */
async function signBare(key: SigningKey, data: Buffer, algorithm: string): Promise<Buffer> {
  const reader = sshReader(await key.sign(data, algorithm))
  const used = reader.string().toString('latin1')
  if (used !== algorithm) throw new Error(`signed with ${printable(used, 60)} instead of ${algorithm}`)
  return reader.string()
}
