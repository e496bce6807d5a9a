import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startFakeAgent } from '../../support/fake-agent.js'
import { keyPair } from '../../support/keys.js'
import { leakCheck } from '../../support/leak-check.js'
import { startSshAgent } from '../../support/ssh-agent.js'
import { startSshd } from '../../support/sshd.js'

leakCheck()

const execute = promisify(execFile)

const list = async (socket: string): Promise<string> =>
  (await execute('ssh-add', ['-l'], { env: { ...process.env, SSH_AUTH_SOCK: socket } })).stdout

const login = async (socket: string, authorizedKeys: readonly string[]): Promise<string> => {
  await using sshd = await startSshd({ authorizedKeys, config: ['MaxAuthTries 30'] })
  const args = sshd
    .sshArgs()
    .map((argument) => (argument === 'IdentitiesOnly=yes' ? 'IdentitiesOnly=no' : argument))
  const withoutFile = args.map((argument) => (argument === sshd.userKeyFile ? '/dev/null' : argument))
  return (await execute('ssh', ['-o', `IdentityAgent=${socket}`, ...withoutFile, 'echo in'])).stdout
}

it('the real agent lists the keys that it was given, in their order', async () => {
  const keys = [await keyPair('agent-1'), await keyPair('agent-2', { type: 'ecdsa' })]
  await using agent = await startSshAgent(keys)
  const listed = [...(await list(agent.socket)).matchAll(/SHA256:\S+/g)].map(([fingerprint]) => fingerprint)
  expect(listed).toEqual(keys.map(({ fingerprint }) => fingerprint))
})

it('the fake agent signs so that the real ssh logs in with the last of twenty keys', async () => {
  await using agent = await startFakeAgent({ keyCount: 20 })
  expect((await list(agent.socket)).trim().split('\n')).toHaveLength(20)
  const last = agent.publicLines.slice(-1)
  expect(await login(agent.socket, last)).toBe('in\n')
  expect(agent.signed).toEqual(last)
})

it.each(['die-at-sign', 'refuse-at-sign'] as const)(
  'an agent with the fault %s lists its key and does not sign',
  async (fault) => {
    await using agent = await startFakeAgent({ fault })
    expect(await list(agent.socket)).toContain('key 1')
    await expect(login(agent.socket, agent.publicLines)).rejects.toThrow(/Permission denied/)
    expect(agent.signed).toEqual(agent.publicLines)
  },
)

it.each(['garbage', 'oversized', 'refuse'] as const)(
  'an agent with the fault %s is of no use to ssh-add',
  async (fault) => {
    await using agent = await startFakeAgent({ fault })
    await expect(list(agent.socket)).rejects.toThrow()
  },
)
