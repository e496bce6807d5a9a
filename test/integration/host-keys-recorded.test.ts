// New host keys on record: once, whole, findable; and what becomes of a connection whose key cannot be recorded.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions } from '../../src/index.js'
import { createNetwork } from '../../src/testing/index.js'
import { failureOf } from '../support/failure.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let gate: Sshd
let inner: Sshd
beforeAll(async () => {
  ;[gate, inner] = await Promise.all([startSshd(), startSshd({ hostKeyTypes: ['ed25519', 'rsa'] })])
})
afterAll(async () => {
  await gate.stop()
  await inner.stop()
})

function acceptNew(file: string): ConnectionOptions {
  return { userKnownHostsFile: [file], strictHostKeyChecking: 'accept-new' }
}

describe('a new host key', () => {
  leakCheck()

  test('is recorded once by all that meet it at once through one gateway, and all are let in', async () => {
    const file = join(scratchDir('known-hosts'), 'known_hosts')
    await using gateway = connectionTo(gate)
    const all = Array.from({ length: 6 }, () => connectionTo(inner, { ...acceptNew(file), gateway }))
    await Promise.all(all.map((connection) => connection.open()))
    const [ed25519Line] = inner.knownHostsLine().split('\n')
    expect(readFileSync(file, 'utf8')).toBe(`${ed25519Line}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await Promise.all(all.map((connection) => connection.close()))
  })

  test('is recorded once by two hundred', { timeout: 60_000 }, async () => {
    const file = join(scratchDir('known-hosts'), 'known_hosts')
    await using network = await createNetwork({
      hosts: { gate: { listen: true, reaches: ['inner'] }, inner: {} },
    })
    const { settings, dialer } = network
    await using gateway = new Connection('gate', { ...settings, user: 'someone', gateway: dialer })
    const options = { ...settings, ...acceptNew(file), user: 'someone', gateway, connectTimeoutMs: 50_000 }
    const all = Array.from({ length: 200 }, () => new Connection('inner', options))
    await Promise.all(all.map((connection) => connection.open()))
    const [type, key] = network.host('inner').hostKey.publicKey.split(' ')
    expect(readFileSync(file, 'utf8')).toBe(`inner ${type} ${key}\n`)
    await Promise.all(all.map((connection) => connection.close()))
  })

  test('is found again by ssh-keygen and the real ssh, and makes another key a changed one', async () => {
    const file = knownHostsFile('')
    await using connection = connectionTo(inner, acceptNew(file))
    await connection.open()
    const name = `[${inner.host}]:${inner.port}`
    expect(execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' })).toContain(name)
    const options = inner.sshArgs().map((word) => word.replace(/^(UserKnownHostsFile)=.*/, `$1=${file}`))
    expect(execFileSync('ssh', [...options, 'echo', 'known'], { encoding: 'utf8' })).toBe('known\n')
  })

  test('is not glued to a last line without its end', async () => {
    const { publicLine } = await keyPair('elsewhere')
    const file = knownHostsFile(`other.example ${publicLine}`)
    await using connection = connectionTo(inner, acceptNew(file))
    await connection.open()
    const [ed25519Line] = inner.knownHostsLine().split('\n')
    expect(readFileSync(file, 'utf8')).toBe(`other.example ${publicLine}\n${ed25519Line}\n`)
  })

  test('recorded as a hash shows the name nowhere, and is found again', async () => {
    const file = knownHostsFile('')
    const options = { ...acceptNew(file), hashKnownHosts: true }
    await using first = connectionTo(inner, options)
    await first.open()
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^\|1\|\S+ ssh-ed25519 \S+\n$/)
    expect(text).not.toContain(inner.host)
    await using second = connectionTo(inner, { userKnownHostsFile: [file], strictHostKeyChecking: 'yes' })
    await second.open()
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  const unwritable: readonly (readonly [string, () => string])[] = [
    ['a missing directory', () => join(scratchDir('known-hosts'), 'no', 'such', 'known_hosts')],
    [
      'a dangling link',
      () => {
        const link = join(scratchDir('known-hosts'), 'known_hosts')
        symlinkSync(join(scratchDir('nowhere'), 'no', 'file'), link)
        return link
      },
    ],
    ['a file in place of its directory', () => join(knownHostsFile('mine\n'), 'known_hosts')],
  ]
  test.each(unwritable)(
    'that %s keeps from being recorded lets us in with a warning',
    async (_name, make) => {
      const file = make()
      await using connection = connectionTo(inner, { ...acceptNew(file), strictHostKeyChecking: 'no' })
      const warnings = await warningsOf(() => connection.open())
      expect(warnings).toContainEqual(expect.stringContaining('could not be recorded'))
      expect(existsSync(file) && statSync(file).isFile()).toBe(false)
    },
  )

  test('that a full disk keeps from being recorded lets us in with a warning, and the file stays', async () => {
    const directory = scratchDir('full-disk')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory])
    try {
      const file = join(directory, 'known_hosts')
      const text = `# ${'x'.repeat(4093)}\n`
      writeFileSync(file, text)
      expect(() => writeFileSync(join(directory, 'rest'), Buffer.alloc(65_536))).toThrow('ENOSPC')
      await using connection = connectionTo(inner, acceptNew(file))
      const warnings = await warningsOf(() => connection.open())
      expect(warnings).toContainEqual(expect.stringMatching(/could not be recorded.*ENOSPC/))
      expect(readFileSync(file, 'utf8')).toBe(text)
    } finally {
      execFileSync('umount', [directory])
    }
  })

  test('is not accepted unseen while something that is no file stands where keys are known', async () => {
    const directory = scratchDir('known-hosts')
    const error = await failureOf(connectionTo(inner, acceptNew(directory)).open())
    expect(error).toMatchObject({ code: 'KNOWN_HOSTS_UNUSABLE', phase: 'host-key', hop: { index: 0 } })
    expect(error.message).toContain(directory)
  })

  test('that a server announces after the login is not recorded', async () => {
    // sshd sends all its keys by hostkeys-00@openssh.com once somebody is in; UpdateHostKeys is not done here.
    const file = knownHostsFile('')
    await using connection = connectionTo(inner, acceptNew(file))
    await connection.run('true')
    const [ed25519Line] = inner.knownHostsLine().split('\n')
    expect(readFileSync(file, 'utf8')).toBe(`${ed25519Line}\n`)
    expect(connection.state).toBe('open')
  })
})
