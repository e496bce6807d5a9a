// Private keys of every kind, made by ssh-keygen and openssl, judged by ssh-keygen and by a real sshd.

import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import ssh2, { type AnyAuthMethod } from 'ssh2'
import { beforeAll, describe, expect, test } from 'vitest'
import { loginAlgorithms } from '../../../src/wire/public-key.js'
import { sshMpint, sshReader, sshString } from '../../../src/wire/ssh-string.js'
import { parsePrivateKey, parsePublicKey, toSsh2Agent } from '../../../src/wire/ssh2-keys.js'
import type { KeyProblem, PrivateKey, SigningKey } from '../../../src/wire/wire.js'
import { assertNoCanary, canary } from '../../support/canary.js'
import { scratchDir } from '../../support/run-dir.js'
import { type Sshd, startSshd } from '../../support/sshd.js'

const kinds = [
  { name: 'ed25519', type: 'ssh-ed25519', args: ['-t', 'ed25519'] },
  { name: 'ecdsa-256', type: 'ecdsa-sha2-nistp256', args: ['-t', 'ecdsa', '-b', '256'] },
  { name: 'ecdsa-384', type: 'ecdsa-sha2-nistp384', args: ['-t', 'ecdsa', '-b', '384'] },
  { name: 'ecdsa-521', type: 'ecdsa-sha2-nistp521', args: ['-t', 'ecdsa', '-b', '521'] },
  { name: 'rsa', type: 'ssh-rsa', args: ['-t', 'rsa', '-b', '2048'] },
] as const
const formats = kinds.flatMap((kind) =>
  (kind.name === 'ed25519' ? ['RFC4716'] : ['RFC4716', 'PEM', 'PKCS8']).map((format) => ({
    ...kind,
    format,
  })),
)

function makeKey(args: readonly string[], { format = 'RFC4716', passphrase = '' } = {}): string {
  const file = join(scratchDir('keys'), 'key')
  const flags = format === 'RFC4716' ? [] : ['-m', format]
  execFileSync('ssh-keygen', ['-q', ...args, ...flags, '-N', passphrase, '-C', 'a comment', '-f', file])
  return file
}

function load(file: string, passphrase?: string): PrivateKey | KeyProblem {
  return parsePrivateKey(readFileSync(file), passphrase)
}

function asKey(parsed: PrivateKey | KeyProblem): PrivateKey {
  if ('problem' in parsed) throw new Error(`${parsed.problem}: ${parsed.detail}`)
  return parsed
}

function fingerprint(file: string): string | undefined {
  return execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1]
}

/** Logs in with nothing but the key. */
function logIn(sshd: Sshd, key: SigningKey): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.on('close', () => resolve())
    client.on('ready', () => client.end())
    const attempts = [
      { type: 'agent', username: sshd.user, agent: toSsh2Agent(key, loginAlgorithms) } as const,
    ]
    client.connect({
      host: sshd.host,
      port: sshd.port,
      username: sshd.user,
      hostVerifier: () => true,
      authHandler: (_methods, _partial, next) => next((attempts.pop() ?? false) as AnyAuthMethod),
    })
  })
}

describe.each(formats)('a $name key in the format $format', ({ type, args, format }) => {
  test('is read, with the fingerprint that ssh-keygen prints', () => {
    const file = makeKey(args, { format })
    expect(asKey(load(file))).toMatchObject({ type, fingerprint: fingerprint(file) })
  })

  test('is read when encrypted, and says so when the passphrase is missing or wrong', () => {
    const file = makeKey(args, { format, passphrase: 'correct horse' })
    expect(load(file)).toMatchObject({ problem: 'encrypted' })
    expect(load(file, 'wrong')).toMatchObject({ problem: 'wrong passphrase' })
    expect(load(file, '')).toMatchObject({ problem: 'wrong passphrase' })
    expect(asKey(load(file, 'correct horse'))).toMatchObject({ type, fingerprint: fingerprint(file) })
  })

  test('is read with the line ends of Windows', () => {
    const file = makeKey(args, { format })
    const text = readFileSync(file, 'utf8').replaceAll('\n', '\r\n')
    expect(asKey(parsePrivateKey(Buffer.from(text)))).toMatchObject({ fingerprint: fingerprint(file) })
  })
})

test('an encrypted OpenSSH file tells its public half without the passphrase', () => {
  const file = makeKey(['-t', 'ed25519'], { passphrase: 'secret' })
  expect(load(file)).toMatchObject({ publicKey: { type: 'ssh-ed25519', fingerprint: fingerprint(file) } })
  expect(load(file, 'wrong')).toMatchObject({ publicKey: { fingerprint: fingerprint(file) } })
})

test.each(['aes256-ctr', 'aes128-cbc', 'aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'])(
  'an OpenSSH file that is encrypted with %s is read',
  (cipher) => {
    const file = makeKey(['-t', 'ed25519', '-Z', cipher], { passphrase: 'secret' })
    expect(load(file, 'wrong')).toMatchObject({ problem: 'wrong passphrase' })
    expect(asKey(load(file, 'secret')).fingerprint).toBe(fingerprint(file))
  },
)

test('a cipher that cannot be decrypted is unsupported, not a wrong passphrase', () => {
  const file = makeKey(['-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com'], { passphrase: 'secret' })
  expect(load(file, 'secret')).toMatchObject({ problem: 'unsupported' })
})

test('an ed25519 key of openssl is read', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const text = privateKey.export({ format: 'pem', type: 'pkcs8' })
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = asKey(parsePrivateKey(Buffer.from(text)))
  expect(key.blob).toEqual(Buffer.concat([sshString('ssh-ed25519'), sshString(raw)]))
})

test.each([
  ['a DSA key', () => readFileSync(makeKey(['-t', 'dsa']))],
  ['an encrypted DSA key', () => readFileSync(makeKey(['-t', 'dsa'], { passphrase: 'secret' }))],
  ['a DSA key in PEM', () => readFileSync(makeKey(['-t', 'dsa'], { format: 'PEM' }))],
  [
    'an ed448 key',
    () => Buffer.from(generateKeyPairSync('ed448').privateKey.export({ format: 'pem', type: 'pkcs8' })),
  ],
  [
    'a key on another curve',
    () =>
      Buffer.from(
        generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({
          format: 'pem',
          type: 'sec1',
        }),
      ),
  ],
  ['a PuTTY key', () => Buffer.from('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n')],
  ['a key for a security token', () => openSshFile('sk-ssh-ed25519@openssh.com')],
])('%s is unsupported', (_name, make) => {
  expect(parsePrivateKey(make())).toMatchObject({ problem: 'unsupported' })
})

function openSshFile(type: string): Buffer {
  const publicKey = Buffer.concat([sshString(type), sshString('anything')])
  const count = Buffer.of(0, 0, 0, 1)
  const none = sshString('none')
  const parts = [
    'openssh-key-v1\0',
    none,
    none,
    sshString(''),
    count,
    sshString(publicKey),
    sshString('private'),
  ]
  const body = Buffer.concat(parts.map((part) => Buffer.from(part))).toString('base64')
  return Buffer.from(`-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`)
}

describe('what is damaged', () => {
  test.each([
    ['nothing', ''],
    ['prose', 'hello'],
    ['a public key', 'ssh-ed25519 AAAA'],
    ['an empty OpenSSH file', '-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----'],
    ['an empty PEM file', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
  ])('%s is malformed', (_name, text) => {
    expect(parsePrivateKey(Buffer.from(text))).toMatchObject({ problem: 'malformed' })
  })

  test.each(formats)('a $name key in $format that is cut anywhere is a problem, never a throw', (kind) => {
    const text = readFileSync(makeKey(kind.args, kind))
    for (let length = 0; length < text.length - 40; length += 37) {
      expect(parsePrivateKey(text.subarray(0, length))).toHaveProperty('problem')
    }
  })

  test('a file whose public half is that of another key is malformed', () => {
    const [mine, other] = [makeKey(['-t', 'ed25519']), makeKey(['-t', 'ed25519'])]
    const bodyOf = (file: string): Buffer => {
      const text = readFileSync(file, 'latin1').replace(/-----[A-Z ]*-----/g, '')
      return Buffer.from(text, 'base64')
    }
    const forged = bodyOf(mine)
    const publicBlob = Buffer.from(readFileSync(`${other}.pub`, 'utf8').split(' ')[1] ?? '', 'base64')
    publicBlob.copy(forged, forged.indexOf(sshString('ssh-ed25519')))
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${forged.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    expect(parsePrivateKey(Buffer.from(text))).toMatchObject({ problem: 'malformed' })
  })
})

test('neither printing nor JSON shows the private half or the passphrase', () => {
  const passphrase = canary()
  const file = makeKey(['-t', 'ecdsa'], { format: 'PEM' })
  const key = asKey(load(file))
  const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)
  expect(shown).not.toContain(readFileSync(file, 'utf8').split('\n')[1])
  assertNoCanary(load(makeKey(['-t', 'ed25519'], { passphrase: 'other' }), passphrase))
})

describe('public keys', () => {
  test.each(kinds)('$type is read', ({ type, args }) => {
    const file = makeKey(args)
    const blob = Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64')
    expect(parsePublicKey(blob)).toEqual({ type, blob, fingerprint: fingerprint(file), comment: '' })
    expect(parsePublicKey(blob.subarray(0, -1))).toBeUndefined()
    expect(parsePublicKey(Buffer.concat([blob, Buffer.of(0)]))).toBeUndefined()
  })

  test.each(['ssh-dss', 'sk-ssh-ed25519@openssh.com', 'ssh-ed25519-cert-v01@openssh.com', 'toString'])(
    '%s cannot log in',
    (type) => {
      expect(parsePublicKey(Buffer.concat([sshString(type), sshString(Buffer.alloc(32))]))).toBeUndefined()
    },
  )
})

test('an mpint has no leading zeros but the one that keeps it positive', () => {
  expect(sshMpint(Buffer.of(0, 0, 0x7f))).toEqual(Buffer.of(0, 0, 0, 1, 0x7f))
  expect(sshMpint(Buffer.of(0, 0x80))).toEqual(Buffer.of(0, 0, 0, 2, 0, 0x80))
  expect(sshMpint(Buffer.of(0))).toEqual(Buffer.of(0, 0, 0, 0))
})

describe('signing', () => {
  test.each(kinds)('$type: the signature names its algorithm', async ({ type, args }) => {
    const algorithms = type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]
    const key = asKey(load(makeKey(args)))
    for (const algorithm of algorithms) {
      const reader = sshReader(await key.sign(Buffer.from('data'), algorithm))
      expect(reader.string().toString()).toBe(algorithm)
      expect(reader.string().length).toBeGreaterThan(60)
      expect(reader.left()).toBe(0)
    }
    await expect(key.sign(Buffer.from('data'), 'ssh-dss')).rejects.toThrow(TypeError)
  })

  describe('convinces a real sshd', () => {
    const made = kinds.map((kind) => ({ ...kind, file: makeKey(kind.args) }))
    const publicLines = made.map(({ file }) => readFileSync(`${file}.pub`, 'utf8').trim())
    let sshd: Sshd
    beforeAll(async () => {
      sshd = await startSshd({ authorizedKeys: publicLines })
      return () => sshd.stop()
    })

    // ECDSA signatures have numbers of varying length: once is not enough.
    test.each(made)('with $type', async ({ file }) => {
      for (let time = 0; time < 3; time++) await logIn(sshd, asKey(load(file)))
    })

    test('and a key that is not authorized does not', async () => {
      await expect(logIn(sshd, asKey(load(makeKey(['-t', 'ed25519']))))).rejects.toThrow(/authentication/)
    })
  })

  test.each(kinds.filter(({ type }) => type !== 'ssh-rsa'))(
    'with $type is what ssh-keygen verifies',
    async (kind) => {
      await expect(verifyBySshKeygen(makeKey(kind.args), kind.type)).resolves.toMatch(/^Good /)
    },
  )

  test.each(['rsa-sha2-512', 'rsa-sha2-256'])('with %s is what ssh-keygen verifies', async (algorithm) => {
    const file = makeKey(['-t', 'rsa', '-b', '2048'])
    await expect(verifyBySshKeygen(file, algorithm)).resolves.toMatch(/^Good /)
  })

  test('with ssh-rsa is over SHA-1', async () => {
    const file = makeKey(['-t', 'rsa', '-b', '2048'])
    const data = Buffer.from('data')
    const reader = sshReader(await asKey(load(file)).sign(data, 'ssh-rsa'))
    reader.string()
    expect(verify('sha1', data, createPublicKey(asPem(file)), reader.string())).toBe(true)
  })
})

function asPem(file: string): string {
  return execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', `${file}.pub`], { encoding: 'utf8' })
}

/** PROTOCOL.sshsig of OpenSSH: the only way to have ssh-keygen look at a signature. */
async function verifyBySshKeygen(file: string, algorithm: string): Promise<string> {
  const key = asKey(load(file))
  const message = 'a message'
  const fields = ['test', '', 'sha512'].map((text) => sshString(text))
  const digest = sshString(createHash('sha512').update(message).digest())
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...fields, digest])
  const signature = sshString(await key.sign(signed, algorithm))
  const version = Buffer.of(0, 0, 0, 1)
  const blob = Buffer.concat([Buffer.from('SSHSIG'), version, sshString(key.blob), ...fields, signature])
  const armored = blob.toString('base64').replace(/.{70}/g, '$&\n')
  const signatureFile = `${file}.sig`
  writeFileSync(signatureFile, `-----BEGIN SSH SIGNATURE-----\n${armored}\n-----END SSH SIGNATURE-----\n`)
  const args = ['-Y', 'check-novalidate', '-n', 'test', '-s', signatureFile]
  return execFileSync('ssh-keygen', args, { input: message, encoding: 'utf8' })
}

describe('as an agent for ssh2', () => {
  const attempt = (key: SigningKey): Promise<Error> =>
    new Promise((resolve) => {
      toSsh2Agent(key, loginAlgorithms).sign(key.blob, Buffer.from('data'), { hash: 'sha256' }, (error) => {
        if (error instanceof Error) resolve(error)
      })
    })

  test('a signature by another algorithm than the one asked for is an error', async () => {
    const key = asKey(load(makeKey(['-t', 'rsa', '-b', '2048'])))
    const error = await attempt({ ...key, sign: (data) => key.sign(data, 'ssh-rsa') })
    expect(error.cause).toMatchObject({ message: 'signed with ssh-rsa instead of rsa-sha2-256' })
  })

  test('what the key rejects with is the cause, and stays as it was', async () => {
    const key = asKey(load(makeKey(['-t', 'ed25519'])))
    const reason = Object.freeze(new Error('no passphrase'))
    const error = await attempt({ ...key, sign: () => Promise.reject(reason) })
    expect(error.cause).toBe(reason)
  })
})
