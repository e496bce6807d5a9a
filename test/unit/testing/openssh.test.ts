// The embedded network and a real OpenSSH client and ssh-keygen: what we speak is SSH, not our reading of it.

import { execFile, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNetwork, type Network } from '../../../src/testing/index.js'

let network: Network

beforeEach(async () => {
  network = await createNetwork({
    hosts: {
      gatewayhost: {
        listen: true,
        reaches: ['middle'],
        subsystems: {
          shout: async (name, { stdin, user }) => `${name} ${user}: ${await text(stdin)}`.toUpperCase(),
        },
      },
      middle: { reaches: ['internalhost:22'] },
      internalhost: {
        commands: { crash: { signal: 'KILL' }, both: { stdout: 'out', stderr: 'err', exitCode: 9 } },
      },
    },
  })
})
afterEach(() => network.close())

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function ssh(words: readonly string[], input = ''): Promise<Finished> {
  const child = spawn('ssh', ['-F', network.files.sshConfig, '-l', 'ops', ...words], { stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

test('ssh runs a command on a listening host', async () => {
  expect(await ssh(['gatewayhost', 'hostname'])).toEqual({ code: 0, stdout: 'gatewayhost\n', stderr: '' })
})

test('ssh -J goes through two gateways to a host without a port', async () => {
  const jump = ['-J', 'a@gatewayhost,b@middle', 'internalhost']
  expect(await ssh([...jump, 'both'])).toEqual({ code: 9, stdout: 'out', stderr: 'err' })
  expect(await ssh([...jump, 'crash'])).toMatchObject({ code: 255 })
  const users = ['gatewayhost', 'middle', 'internalhost'].map((name) =>
    network.host(name).log.flatMap((record) => (record.event === 'authenticated' ? [record.user] : [])),
  )
  expect(users).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['ops', 'ops'],
  ])
})

test('ssh copies data both ways, and sees its end', async () => {
  const input = 'x'.repeat(3 * 2 ** 20)
  const { code, stdout } = await ssh(['-J', 'gatewayhost', 'middle', 'cat'], input)
  expect({ code, same: stdout === input }).toEqual({ code: 0, same: true })
})

test('ssh runs a shell with a terminal', async () => {
  const { code, stdout } = await ssh(['-tt', 'gatewayhost'], 'hostname\nexit 4\n')
  expect(code).toBe(4)
  expect(stdout).toContain('gatewayhost\r\n')
})

test('ssh starts a subsystem that is described, and no other', async () => {
  expect(await ssh(['-s', 'gatewayhost', 'shout'], 'hello')).toEqual({
    code: 0,
    stdout: 'SHOUT OPS: HELLO',
    stderr: '',
  })
  const { code, stderr } = await ssh(['-s', 'gatewayhost', 'whisper'])
  expect({ code, stderr }).toEqual({
    code: 255,
    stderr: expect.stringContaining('subsystem request failed'),
  })
  const asked = network.host('gatewayhost').log.filter(({ event }) => event === 'subsystem')
  expect(asked).toMatchObject([
    { user: 'ops', name: 'shout' },
    { user: 'ops', name: 'whisper' },
  ])
})

test('ssh refuses a host whose key has changed', async () => {
  network.host('gatewayhost').fault({ hostKey: 'changed' })
  const { code, stderr } = await ssh(['gatewayhost', 'hostname'])
  expect(code).toBe(255)
  expect(stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED')
})

test('ssh says what it says of sshd when forwarding is prohibited', async () => {
  network.host('gatewayhost').fault({ forwarding: 'prohibited' })
  const { stderr } = await ssh(['-J', 'gatewayhost', 'middle', 'true'])
  expect(stderr).toContain('open failed: administratively prohibited: open failed')
})

test('ssh-keygen reads the keys and the known hosts', async () => {
  const keygen = (...words: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile('ssh-keygen', words, (error, stdout) => (error ? reject(error) : resolve(stdout)))
    })
  const { identity, knownHosts } = network.files
  expect(await keygen('-l', '-f', identity)).toContain(network.userKey.fingerprint)
  expect(`${await keygen('-y', '-f', identity)}`.trim()).toBe(network.userKey.publicKey)
  const { port } = network.address('gatewayhost')
  for (const name of ['gatewayhost', `[127.0.0.1]:${port}`]) {
    const found = await keygen('-l', '-F', name, '-f', knownHosts)
    expect(found).toContain(network.host('gatewayhost').hostKey.fingerprint)
  }
})
