// Servers on which no SFTP begins: without the subsystem, with a text in its place or before it, or silent.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type ScriptedSftpHost, startScriptedSftpHost } from '../support/scripted-sftp-host.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'

leakCheck()

describe('an embedded host', () => {
  let host: ScriptedSftpHost
  beforeAll(async () => {
    host = await startScriptedSftpHost({ data: 'data' })
  })
  afterAll(() => host[Symbol.asyncDispose]())

  test.each([
    ['that refuses the subsystem', { sftp: 'refuse' }, /did not start the subsystem/],
    ['that prints before it', { sftp: 'banner' }, /Welcome to honesthost/],
  ] as const)('%s has no SFTP, and says why', async (_, fault, words) => {
    await host.connectedHonestly(async (connection) => {
      host.network.host('honesthost').fault(fault)
      for (const work of [
        () => connection.sftp(),
        () => connection.get('data', { as: 'bytes' }),
        () => connection.put(Buffer.from('x'), 'there'),
      ]) {
        const error = await failureOf(work())
        expect(error).toMatchObject({ code: 'SFTP_UNAVAILABLE', hop: { host: 'honesthost', index: 1 } })
        expect(error.message).toMatch(words)
      }
      expect((await connection.run('hostname')).stdout).toBe('honesthost\n')
      host.network.host('honesthost').fault({})
      expect((await connection.get('data', { as: 'bytes' })).content.toString()).toBe('data')
    })
  })

  test('that does not answer is given up by the time limit and by the signal', async () => {
    await host.connectedHonestly(async (connection) => {
      await connection.run('hostname')
      host.network.host('honesthost').fault({ sftp: 'hang' })
      expect(await failureOf(connection.sftp({ timeoutMs: 100 }))).toMatchObject({ code: 'TIMEOUT' })
      const server = host.network.host('honesthost')
      const before = server.log.length
      const asked = server.logged(
        (record) => record.event === 'subsystem' && server.log.indexOf(record) >= before,
      )
      const leaving = new AbortController()
      const pending = connection.get('data', { as: 'bytes' }, { signal: leaving.signal })
      await asked
      leaving.abort()
      await expect(pending).rejects.toMatchObject({ name: 'AbortError' })
    })
  })
})

describe('a real sshd', () => {
  let user: UnixUser
  let bare: Sshd
  let chatty: Sshd
  let forced: Sshd
  beforeAll(async () => {
    user = await createUnixUser({ shell: '/bin/bash' })
    // bash reads it for what sshd starts, though no person logs in.
    writeFileSync(join(user.home, '.bashrc'), 'echo "Welcome, stranger"\n', { mode: 0o644 })
    const config = [`SetEnv HOME=${user.home}`]
    bare = await startSshd({ name: 'bare', config: ['Subsystem none /bin/false'] })
    chatty = await startSshd({
      name: 'chatty',
      user: user.name,
      config: [...config, 'Subsystem sftp /usr/lib/openssh/sftp-server'],
    })
    forced = await startSshd({ name: 'forced', config: ['ForceCommand echo "Only for backups"; exit 7'] })
  })
  afterAll(async () => {
    for (const sshd of [bare, chatty, forced]) await sshd?.stop()
    await user?.[Symbol.asyncDispose]()
  })

  test('without the subsystem', async () => {
    await using connection = connectionTo(bare)
    const error = await failureOf(connection.sftp())
    expect(error).toMatchObject({ code: 'SFTP_UNAVAILABLE', hop: { host: bare.host } })
    expect((await connection.run('echo still here')).stdout).toBe('still here\n')
  })

  test('whose shell prints before SFTP begins', async () => {
    await using connection = connectionTo(chatty)
    const error = await failureOf(connection.sftp())
    expect(error).toMatchObject({ code: 'SFTP_UNAVAILABLE', hint: expect.stringMatching(/start-up files/) })
    expect(error.message).toContain('Welcome, stranger')
  })

  test('that forces another command', async () => {
    await using connection = connectionTo(forced)
    const error = await failureOf(connection.put(Buffer.from('x'), 'there'))
    expect(error).toMatchObject({ code: 'SFTP_UNAVAILABLE' })
    expect(error.message).toContain('Only for backups')
  })
})
