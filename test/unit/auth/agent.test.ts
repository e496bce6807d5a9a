// The agent protocol against the real ssh-agent, and against agents that misbehave.

import { createPublicKey, verify } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AgentCall, listAgentKeys, signWithAgent } from '../../../src/auth/agent.js'
import { findAgentSocket } from '../../../src/auth/agent-socket.js'
import { fingerprintOf } from '../../../src/fingerprint.js'
import { sshReader } from '../../../src/wire/ssh-string.js'
import { startFakeAgent } from '../../support/fake-agent.js'
import { keyPair } from '../../support/keys.js'
import { leakCheck } from '../../support/leak-check.js'
import { scratchDir } from '../../support/run-dir.js'
import { startSshAgent } from '../../support/ssh-agent.js'
import { makeContext } from './rig.js'

leakCheck()

function call(socket: string, options: Partial<AgentCall> = {}): AgentCall {
  return { socket, signal: new AbortController().signal, timeoutMs: 2_000, ...options }
}

describe('a real agent', () => {
  test('lists its keys in its order', async () => {
    const keys = [
      await keyPair('a', { type: 'rsa' }),
      await keyPair('b'),
      await keyPair('c', { type: 'ecdsa' }),
    ]
    await using agent = await startSshAgent(keys)
    const held = await listAgentKeys(call(agent.socket))
    expect(held.map(({ blob }) => fingerprintOf(blob))).toEqual(keys.map(({ fingerprint }) => fingerprint))
  })

  test('with no keys has an empty list', async () => {
    await using agent = await startSshAgent()
    expect(await listAgentKeys(call(agent.socket))).toEqual([])
  })

  test.each([
    ['rsa-sha2-512', 'sha512'],
    ['rsa-sha2-256', 'sha256'],
  ] as const)('signs by %s where that is asked for', async (algorithm, hash) => {
    const key = await keyPair('a', { type: 'rsa' })
    await using agent = await startSshAgent([key])
    const data = Buffer.from('what is to be signed')
    const [held] = await listAgentKeys(call(agent.socket))
    const blob = held?.blob ?? Buffer.alloc(0)
    const reader = sshReader(await signWithAgent({ blob, data, algorithm }, call(agent.socket)))
    expect(reader.string().toString()).toBe(algorithm)
    const parts = sshReader(blob)
    parts.string()
    const [e, n] = [parts.string().toString('base64url'), parts.string().toString('base64url')]
    const publicKey = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })
    expect(verify(hash, data, publicKey, reader.string())).toBe(true)
  })

  test('refuses to sign with a key that it does not hold', async () => {
    await using agent = await startSshAgent()
    const blob = Buffer.from((await keyPair('a')).publicLine.split(' ')[1] ?? '', 'base64')
    const request = { blob, data: Buffer.from('data'), algorithm: 'ssh-ed25519' }
    await expect(signWithAgent(request, call(agent.socket))).rejects.toMatchObject({ code: 'AGENT_UNUSABLE' })
  })
})

describe('an agent that misbehaves', () => {
  test.each(['garbage', 'oversized', 'refuse'] as const)('%s: the list is refused', async (fault) => {
    await using agent = await startFakeAgent({ fault })
    await expect(listAgentKeys(call(agent.socket))).rejects.toMatchObject({ code: 'AGENT_UNUSABLE' })
    await expect.poll(() => agent.live()).toBe(0)
  })

  test('that hangs is given up after the limit', async () => {
    await using agent = await startFakeAgent({ fault: 'hang' })
    await expect(listAgentKeys(call(agent.socket, { timeoutMs: 50 }))).rejects.toMatchObject({
      code: 'AGENT_UNUSABLE',
      message: 'the agent gave no answer within 0.05 s',
    })
    await expect.poll(() => agent.live()).toBe(0)
  })

  test.each(['die-at-sign', 'refuse-at-sign'] as const)('%s: the signature is refused', async (fault) => {
    await using agent = await startFakeAgent({ fault })
    const [held] = await listAgentKeys(call(agent.socket))
    const request = {
      blob: held?.blob ?? Buffer.alloc(0),
      data: Buffer.from('data'),
      algorithm: 'ssh-ed25519',
    }
    await expect(signWithAgent(request, call(agent.socket))).rejects.toMatchObject({ code: 'AGENT_UNUSABLE' })
  })

  test('that signs by another algorithm is refused', async () => {
    await using agent = await startFakeAgent()
    const [held] = await listAgentKeys(call(agent.socket))
    const request = {
      blob: held?.blob ?? Buffer.alloc(0),
      data: Buffer.from('data'),
      algorithm: 'rsa-sha2-512',
    }
    await expect(signWithAgent(request, call(agent.socket))).rejects.toThrow(
      'the agent signed with ssh-ed25519 instead of rsa-sha2-512',
    )
  })

  test('that sends its answer byte by byte is understood, as is one that claims four billion keys', async () => {
    const answers = [Buffer.from('000000050c00000000', 'hex'), Buffer.from('000000050cffffffff', 'hex')]
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume()
      for (const byte of answers.shift() ?? []) socket.write(Buffer.of(byte))
    })
    const path = join(scratchDir('agent'), 'socket')
    await new Promise<void>((resolve) => server.listen(path, resolve))
    try {
      expect(await listAgentKeys(call(path))).toEqual([])
      await expect(listAgentKeys(call(path))).rejects.toMatchObject({ code: 'AGENT_UNUSABLE' })
    } finally {
      server.close()
    }
  })

  test('that is not there is said to be so', async () => {
    const path = join(scratchDir('agent'), 'none')
    expect(existsSync(path)).toBe(false)
    await expect(listAgentKeys(call(path))).rejects.toThrow('the agent could not be reached: ENOENT')
  })
})

test('aborting ends a call at once and takes its socket along', async () => {
  await using agent = await startFakeAgent({ fault: 'hang' })
  const abort = new AbortController()
  const listing = listAgentKeys(call(agent.socket, { signal: abort.signal, timeoutMs: 60_000 }))
  await expect.poll(() => agent.live()).toBe(1)
  abort.abort(new Error('enough'))
  await expect(listing).rejects.toThrow('enough')
  await expect.poll(() => agent.live()).toBe(0)
})

describe('where the agent is', () => {
  const env = { SSH_AUTH_SOCK: '/run/agent', OTHER: '/run/other', EMPTY: '' }
  test.each([
    [undefined, '/run/agent'],
    ['SSH_AUTH_SOCK', '/run/agent'],
    ['none', undefined],
    ['$OTHER', '/run/other'],
    [`${'$'}{OTHER}`, '/run/other'],
    ['$EMPTY', undefined],
    ['$UNSET', undefined],
    ['/run/mine', '/run/mine'],
    ['~/agent', '/home/me/agent'],
  ])('identityAgent %s means %s', (identityAgent, socket) => {
    const context = makeContext({ settings: { identityAgent }, env: { ...env, HOME: '/home/me' } })
    expect(findAgentSocket(context)).toBe(socket)
  })
})
