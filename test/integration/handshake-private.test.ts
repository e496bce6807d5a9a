// What a gateway gets to see of a hop behind it: the version lines and the key exchange, and from then on noise.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canary } from '../support/canary.js'
import { connectionBy } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { readPlainMessages, startRecorder } from '../support/recorder.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { createUnixUser, type UnixUser } from '../support/unix-user.js'

let gate: Sshd
let inner: Sshd
let user: UnixUser
beforeAll(async () => {
  user = await createUnixUser()
  const config = ['PasswordAuthentication yes']
  ;[gate, inner] = await Promise.all([startSshd(), startSshd({ user: user.name, config })])
})
afterAll(async () => {
  await gate.stop()
  await inner.stop()
  await user[Symbol.asyncDispose]()
})

/** How many bits a byte of it carries; 8 is noise. */
function entropyOf(bytes: Buffer): number {
  const counts = new Map<number, number>()
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / bytes.length) * Math.log2(n / bytes.length), 0)
}

describe('between a gateway and the host behind it', () => {
  leakCheck()

  test('pass a version line, a key exchange and then nothing in clear', async () => {
    const secret = canary()
    await using wire = await startRecorder(inner)
    {
      await using gateway = connectionTo(gate)
      const options = { gateway, identityFile: [], password: user.password }
      await using target = connectionBy(wire, inner, options)
      const input = `${secret}\n${'0'.repeat(5000)}`
      expect((await target.run('cat', { input })).stdout).toBe(input)
    }
    expect(inner.connections()).toMatchObject([
      { method: 'password', user: user.name, peerHost: '127.0.0.1' },
    ])

    const both = [wire.toServer(), wire.toClient()]
    const [begin, kexReplies] = [/^SSH-2\.0-[^\r\n]+\r?\n/, [30, 31]]
    for (const [index, bytes] of both.entries()) {
      expect(bytes.toString('latin1')).toMatch(begin)
      const { messages } = readPlainMessages(bytes)
      expect(messages.map(({ type }) => type)).toEqual([20, kexReplies[index], 21])
      const rest = bytes.subarray(messages.at(-1)?.end)
      const words = [
        secret,
        user.name,
        user.password,
        'ssh-userauth',
        'ssh-connection',
        'password',
        'session',
      ]
      for (const word of words) expect(rest.includes(word), `${word} in clear`).toBe(false)
      // Lengths of packets may be readable; thousands of bytes of noise have over 7.9 bits each.
      expect(rest.length).toBeGreaterThan(5000)
      expect(entropyOf(rest)).toBeGreaterThan(7.5)
      expect(rest.includes('0'.repeat(16))).toBe(false)
    }
  })

  test('the gateway starts no program and is asked for nothing but the channel', async () => {
    const before = gate.log.lines().length
    {
      await using gateway = connectionTo(gate)
      const options = { gateway, identityFile: [], password: user.password }
      await using target = connectionTo(inner, options)
      await target.run('true')
    }
    const said = gate.log.lines().slice(before)
    const asked = said.flatMap(({ text }) => text.match(/server_input_channel_open: ctype (\S+)/)?.[1] ?? [])
    expect(asked).toEqual(['direct-tcpip'])
    expect(said.filter(({ text }) => /Starting session|channel_req|auth-agent/.test(text))).toEqual([])
  })
})
