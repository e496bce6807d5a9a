// Key files that cannot be used: each says why and names its file, shows nothing of its content, and stops nothing.

import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthError } from '../../src/index.js'
import { canary } from '../support/canary.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

const passphrase = canary()
let key: KeyPair
let encrypted: KeyPair
let sshd: Sshd
beforeAll(async () => {
  key = await keyPair('usable')
  encrypted = await keyPair('guarded', { passphrase })
  sshd = await startSshd({ userKey: key, authorizedKeys: [encrypted.publicLine] })
})
afterAll(() => sshd.stop())

/** A private key file with that content and mode, without a public one beside it. */
function keyFile(content: string | Buffer, mode = 0o600): string {
  const file = join(scratchDir('key-file'), 'id')
  writeFileSync(file, content)
  chmodSync(file, mode)
  return file
}

const begin = '-----BEGIN OPENSSH PRIVATE KEY-----'
const damage = (text: string): string => text.replace(/\n.{40}/, '\nAAAA')

describe('a key file that cannot be used', () => {
  leakCheck()

  const cases: readonly [string, string, () => string][] = [
    ['that others may read', 'others may read', () => keyFile(readFileSync(key.file), 0o644)],
    ['that the group may read', 'others may read', () => keyFile(readFileSync(key.file), 0o640)],
    ['that is missing', 'no such file', () => join(scratchDir('key-file'), 'id')],
    ['that is a directory', 'not a file', () => scratchDir('directory')],
    ['that is empty', '', () => keyFile('')],
    ['that is damaged', '', () => keyFile(damage(readFileSync(key.file, 'utf8')))],
    ['that is cut', '', () => keyFile(readFileSync(key.file, 'utf8').slice(0, 200))],
    ['that is something else', '', () => keyFile(`${begin}\n${'\x1b[2J'.repeat(9)}\n`)],
    ['of a type that is not supported', '', () => keyFile(unsupported())],
  ]

  test.each(cases)('%s says why, and is passed over for another', async (_name, note, make) => {
    const file = make()
    await using connection = connectionTo(sshd, { identityFile: [file] })
    const error = (await failureOf(connection.open())) as AuthError
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'IDENTITY_UNUSABLE',
      phase: 'authentication',
      hop: { host: sshd.host },
      tried: expect.arrayContaining([
        expect.objectContaining({
          method: 'publickey',
          outcome: 'skipped',
          source: file,
          note: expect.stringContaining(note),
        }),
      ]),
    })
    expect(error.message).toContain(file)
    expect(inspect(error, { depth: 9 })).not.toMatch(/b3BlbnNzaC1rZXktdjE|PRIVATE KEY|\x1b\[2J/)
    await using other = connectionTo(sshd, { identityFile: [file, key.file] })
    expect(await other.run('echo in')).toMatchObject({ stdout: 'in\n' })
  })

  test('because others may read it tells how to mend that', async () => {
    const file = keyFile(readFileSync(key.file), 0o644)
    await using connection = connectionTo(sshd, { identityFile: [file] })
    expect((await failureOf(connection.open())).hint).toBe(`chmod 600 ${file}`)
  })
})

describe('an encrypted key file', () => {
  leakCheck()

  test('is opened by a passphrase, by a function that is told the hop and the file, and by a person', async () => {
    const requests: unknown[] = []
    const texts: string[] = []
    for (const options of [
      { passphrase },
      {
        passphrase: async (request: unknown) => {
          requests.push(request)
          return passphrase
        },
      },
      {
        ask: async ({ text }: { readonly text: string }) => {
          texts.push(text)
          return passphrase
        },
      },
    ]) {
      await using connection = connectionTo(sshd, { identityFile: [encrypted.file], ...options })
      expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
    }
    expect(requests).toMatchObject([{ hop: { host: sshd.host, index: 0 }, file: encrypted.file }])
    expect(texts).toEqual([`passphrase for key ${encrypted.file}, to log in as ${sshd.user}@${sshd.host}: `])
  })

  test.each([
    ['without a passphrase', {}, 'there is no passphrase'],
    ['with a wrong passphrase', { passphrase: 'wrong' }, 'the passphrase is wrong'],
    ['with a function that has none', { passphrase: () => undefined }, 'there is no passphrase'],
    [
      'with a function that fails',
      {
        passphrase: () => {
          throw new Error('no vault')
        },
      },
      'the passphrase function failed',
    ],
  ])(
    '%s is an error of its own that names the file, and is passed over for another',
    async (_name, options, note) => {
      await using connection = connectionTo(sshd, { identityFile: [encrypted.file], ...options })
      expect(await failureOf(connection.open())).toMatchObject({
        code: 'PASSPHRASE_NEEDED',
        message: expect.stringContaining(encrypted.file),
        tried: expect.arrayContaining([
          expect.objectContaining({ source: encrypted.file, note: expect.stringContaining(note) }),
        ]),
      })
      await using other = connectionTo(sshd, { identityFile: [encrypted.file, key.file], ...options })
      expect(await other.run('echo in')).toMatchObject({ stdout: 'in\n' })
    },
  )

  test('without its public half is opened all the same', async () => {
    const file = join(scratchDir('key-file'), 'id')
    copyFileSync(encrypted.file, file)
    chmodSync(file, 0o600)
    await using connection = connectionTo(sshd, { identityFile: [file], passphrase })
    expect(await connection.run('echo in')).toMatchObject({ stdout: 'in\n' })
  })
})

/** A key in OpenSSH's format of a type that cannot log in here: the names of an ed25519 key replaced in place. */
function unsupported(): string {
  const lines = readFileSync(key.file, 'utf8').trim().split('\n')
  const body = Buffer.from(lines.slice(1, -1).join(''), 'base64').toString('latin1')
  const renamed = Buffer.from(body.replaceAll('ssh-ed25519', 'ssh-ed25518'), 'latin1').toString('base64')
  return [lines[0], renamed.replace(/.{70}/g, '$&\n').trimEnd(), lines.at(-1), ''].join('\n')
}
