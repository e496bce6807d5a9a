import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startChain } from '../../support/chain.js'
import { keyPair } from '../../support/keys.js'
import { findStateOf } from '../../support/proc.js'
import { startSshd } from '../../support/sshd.js'

const execute = promisify(execFile)

it('the real ssh logs in, and the server tells who came and how', async () => {
  await using sshd = await startSshd()
  const { stdout } = await execute('ssh', [...sshd.sshArgs(), 'echo in'])
  expect(stdout).toBe('in\n')
  expect(sshd.connections()).toMatchObject([{ user: sshd.user, method: 'publickey', peerHost: '127.0.0.1' }])
  expect(sshd.forwards()).toEqual([])
})

it('two servers have different addresses, host keys and user keys', async () => {
  await using first = await startSshd()
  await using second = await startSshd()
  expect(first.host).not.toBe(second.host)
  expect(first.hostKeyFingerprint).not.toBe(second.hostKeyFingerprint)
  expect(first.userKey.fingerprint).not.toBe(second.userKey.fingerprint)
  const strangers = [
    '-i',
    second.userKeyFile,
    ...first.sshArgs().filter((argument) => argument !== first.userKeyFile && argument !== '-i'),
  ]
  await expect(execute('ssh', [...strangers, 'true'])).rejects.toThrow(/Permission denied \(publickey\)/)
})

it('the fingerprint is what ssh-keygen says', async () => {
  const { file, fingerprint } = await keyPair('fingerprint', { type: 'ecdsa' })
  expect((await execute('ssh-keygen', ['-lf', file])).stdout).toContain(` ${fingerprint} `)
})

it('given configuration lines beat those of the rig, and a Match block swallows none of them', async () => {
  await using sshd = await startSshd({
    config: ['Match User *', 'ForceCommand echo forced', 'X11Forwarding no'],
  })
  expect((await execute('ssh', [...sshd.sshArgs(), 'echo in'])).stdout).toBe('forced\n')
  await using closed = await startSshd({ config: ['PubkeyAuthentication no'] })
  await expect(execute('ssh', [...closed.sshArgs(), 'true'])).rejects.toThrow(/Permission denied/)
})

it('a server that cannot start says why', async () => {
  await expect(startSshd({ config: ['NoSuchKeyword yes'] })).rejects.toThrow(
    /Bad configuration option: NoSuchKeyword/,
  )
})

it('a session can be killed without the server', async () => {
  await using sshd = await startSshd()
  const ssh = execute('ssh', [...sshd.sshArgs(), 'echo up; exec sleep 60'])
  const failed = expect(ssh).rejects.toMatchObject({ code: 255 })
  await sshd.log.waitFor(/^Accepted /)
  const sessions = sshd.sessions()
  expect(sessions.length).toBeGreaterThan(0)
  sshd.killSessions()
  await failed
  expect((await execute('ssh', [...sshd.sshArgs(), 'echo again'])).stdout).toBe('again\n')
})

it('a stopped server leaves no process, not even the commands of its sessions', async () => {
  const sshd = await startSshd()
  const ssh = execute('ssh', [...sshd.sshArgs(), 'echo $$; exec sleep 60'])
  const failed = expect(ssh).rejects.toMatchObject({ code: 255 })
  const [line] = await new Promise<string[]>((resolve) =>
    ssh.child.stdout?.once('data', (data) => resolve([String(data)])),
  )
  const pid = Number(line)
  expect(findStateOf(pid)).toBeDefined()
  await sshd.stop()
  await failed
  expect(['Z', undefined]).toContain(findStateOf(pid))
})

it('a chain lets through in its order, and its logs prove it', async () => {
  await using chain = await startChain(3)
  const [first, second, third] = [chain.at(0), chain.at(1), chain.at(2)]
  const proxy = `ssh ${first.sshArgs().slice(0, -1).join(' ')} -W %h:%p ${first.user}@${first.host}`
  await execute('ssh', [
    ...second.sshArgs().slice(0, -1),
    '-o',
    `ProxyCommand=${proxy}`,
    `${second.user}@${second.host}`,
    'true',
  ])
  expect(chain.passages()).toEqual([1, 0])
  expect(third.connections()).toEqual([])
  const past = `ssh ${first.sshArgs().slice(0, -1).join(' ')} -W ${third.host}:${third.port} ${first.user}@${first.host}`
  const skipping = execute('ssh', ['-o', `ProxyCommand=${past}`, ...third.sshArgs(), 'true'])
  await expect(skipping).rejects.toThrow(/administratively prohibited/)
  expect(third.connections()).toEqual([])
})
