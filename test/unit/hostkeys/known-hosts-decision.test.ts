import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { hashHostName } from '../../../src/hostkeys/hashed-name.js'
import {
  answering,
  directory,
  file,
  key,
  other,
  policies,
  refusal,
  useScratchDirectory,
  verdict,
} from './judging.js'
import { keyText, rsaKey, secondHop, warningsOf } from './sample-keys.js'

useScratchDirectory()

describe('what known_hosts says', () => {
  test('a known key is accepted under every policy, and nothing is written', async () => {
    await writeFile(file, `db.internal ${keyText(key)}`)
    for (const strictHostKeyChecking of policies) {
      expect(await verdict(key, { strictHostKeyChecking })).toBe('accepted')
    }
    expect(await readFile(file, 'utf8')).toBe(`db.internal ${keyText(key)}`)
  })

  test('the host is lower-cased before it is looked up, hashed or not', async () => {
    await writeFile(file, `${hashHostName('db.internal')} ${keyText(key)}\nDB.* ${keyText(other)}\n`)
    expect(await verdict(key, {}, { hostName: 'DB.Internal' })).toBe('accepted')
    expect(await verdict(other, {}, { hostName: 'DB.Internal' })).toBe('accepted')
  })

  test('a changed key is refused by all policies but no, and told with its place', async () => {
    await writeFile(file, `# comment\ndb.internal ${keyText(other)}\n`)
    for (const strictHostKeyChecking of ['yes', 'ask', 'accept-new'] as const) {
      const { ask, asked } = answering('yes')
      const error = await refusal(key, { strictHostKeyChecking }, { ask })
      expect(error.code).toBe('HOST_KEY_CHANGED')
      expect(error.known).toEqual([{ type: other.type, fingerprint: other.fingerprint, file, line: 2 }])
      expect(error.offered).toEqual({ type: key.type, fingerprint: key.fingerprint })
      expect(error.message).toContain(`${file}:2`)
      expect(error.hint).toContain(`ssh-keygen -R 'db.internal' -f '${file}'`)
      expect(error.hint).not.toContain('HostKeyAlias')
      expect(asked).toEqual([])
    }
  })

  test('the command in the hint removes the key', async () => {
    await writeFile(file, `[db.internal]:2222 ${keyText(other)}\n`)
    const { hint } = await refusal(key, {}, { port: 2222 })
    execFileSync('sh', ['-c', hint?.slice(hint.indexOf('ssh-keygen')) ?? 'false'], { stdio: 'ignore' })
    expect(await verdict(key, {}, { port: 2222 })).toBe('HOST_KEY_UNKNOWN')
  })

  test('behind a gateway the error of a changed key speaks of HostKeyAlias', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    const error = await refusal(key, {}, { hop: secondHop })
    expect(error.hint).toContain('edge')
    expect(error.hint).toContain('HostKeyAlias')
    expect(error.message).toMatch(/^db \(hop 2 of 2\): /)
    expect(error.message).not.toContain('\n')
  })

  test('a key of another type for a known host has changed; it is not unknown', async () => {
    await writeFile(file, `db.internal ${keyText(rsaKey())}\n`)
    expect(await verdict(key, { strictHostKeyChecking: 'accept-new' })).toBe('HOST_KEY_CHANGED')
  })

  test('an entry without a port vouches for an equal key, and never speaks against another', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    expect(await verdict(key, {}, { port: 2222 })).toBe('accepted')
    expect(await verdict(other, {}, { port: 2222 })).toBe('HOST_KEY_UNKNOWN')
  })

  test('an entry without a port does not overrule one with the port', async () => {
    await writeFile(file, `db.internal ${keyText(key)}\n[db.internal]:2222 ${keyText(other)}\n`)
    expect(await verdict(key, {}, { port: 2222 })).toBe('HOST_KEY_CHANGED')
  })

  test('HostKeyAlias replaces host and port, also where the key is recorded', async () => {
    const settings = { hostKeyAlias: 'Inner-DB', strictHostKeyChecking: 'accept-new' } as const
    await writeFile(file, `db.internal,[db.internal]:2222 ${keyText(other)}\n`)
    expect(await verdict(key, settings, { port: 2222 })).toBe('accepted')
    expect(await readFile(file, 'utf8')).toContain(`\ninner-db ${keyText(key)}\n`)
    expect(await verdict(key, { ...settings, strictHostKeyChecking: 'yes' })).toBe('accepted')
  })

  test('two hosts of one name behind two gateways are told apart by their aliases', async () => {
    await writeFile(file, `one ${keyText(key)}\ntwo ${keyText(other)}\n`)
    const hostName = '10.0.0.5'
    expect(await verdict(key, { hostKeyAlias: 'one' }, { hostName })).toBe('accepted')
    expect(await verdict(other, { hostKeyAlias: 'two' }, { hostName })).toBe('accepted')
    expect(await verdict(other, { hostKeyAlias: 'one' }, { hostName })).toBe('HOST_KEY_CHANGED')
  })

  test('the global files count as well, and ~ is the home directory', async () => {
    vi.stubEnv('HOME', directory)
    await writeFile(join(directory, 'global'), `db.internal ${keyText(key)}\n`)
    expect(await verdict(key, { globalKnownHostsFile: ['~/global'] })).toBe('accepted')
  })

  test('a host known by a certificate authority only is refused under every policy, and nothing recorded', async () => {
    const line = `@cert-authority *.internal ${keyText(other)}\n`
    await writeFile(file, line)
    for (const strictHostKeyChecking of policies) {
      expect(await verdict(key, { strictHostKeyChecking }, answering('yes'))).toBe('HOST_KEY_CERTIFICATE')
      expect(await verdict(other, { strictHostKeyChecking }, answering('yes'))).toBe('HOST_KEY_CERTIFICATE')
    }
    expect(await readFile(file, 'utf8')).toBe(line)
    await writeFile(file, `${line}db.internal ${keyText(key)}\n`)
    expect(await verdict(key)).toBe('accepted')
  })
})

describe('files that cannot be read', () => {
  test('missing files are fine', async () => {
    const warnings = await warningsOf(async () => expect(await verdict(key)).toBe('HOST_KEY_UNKNOWN'))
    expect(warnings).toEqual([])
  })

  test('a directory, a FIFO and a huge file are warned of, and hide no other file', async () => {
    const [folder, fifo, huge] = ['folder', 'fifo', 'huge'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    await mkdir(folder)
    execFileSync('mkfifo', [fifo])
    await writeFile(huge, '')
    execFileSync('truncate', ['-s', '20M', huge])
    await writeFile(file, `db.internal ${keyText(key)}\n`)
    const globalKnownHostsFile = [folder, fifo, huge, '/dev/zero']
    const warnings = await warningsOf(async () =>
      expect(await verdict(key, { globalKnownHostsFile })).toBe('accepted'),
    )
    expect(
      warnings.map(({ message }) => globalKnownHostsFile.findIndex((name) => message.includes(name))),
    ).toEqual([0, 1, 2, 3])
  })

  test('an unreadable file makes no key acceptable that nobody looked at', async () => {
    await writeFile(file, `db.internal ${keyText(other)}\n`)
    await chmod(file, 0)
    const isRoot = process.geteuid?.() === 0
    await chmod(directory, 0o755)
    if (isRoot) process.seteuid?.(65_534)
    try {
      expect(await verdict(key, { strictHostKeyChecking: 'yes' })).toBe('HOST_KEY_UNKNOWN')
      expect(await verdict(key, { strictHostKeyChecking: 'accept-new' })).toBe('KNOWN_HOSTS_UNUSABLE')
      expect(await verdict(key, { strictHostKeyChecking: 'no' })).toBe('KNOWN_HOSTS_UNUSABLE')
      const { ask, asked } = answering('no')
      await verdict(key, { strictHostKeyChecking: 'ask' }, { ask })
      expect(asked[0]?.text).toContain(`${file} cannot be read`)
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('a broken line of this very host is warned of', async () => {
    await writeFile(file, `web nonsense\ndb.internal nonsense\ndb.internal ${keyText(key)}\n`)
    const warnings = await warningsOf(async () => expect(await verdict(key)).toBe('accepted'))
    expect(warnings).toMatchObject([{ message: expect.stringContaining(`${file}:2`) }])
  })
})
