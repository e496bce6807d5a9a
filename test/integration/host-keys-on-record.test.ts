// What a known_hosts file says in its many forms, for a real server behind a real gateway.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { failureOf } from '../support/failure.js'
import { type KeyPair, keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo, knownHostsFile } from '../support/link-up.js'
import { message, startRogueServer } from '../support/rogue-server.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let gate: Sshd
let inner: Sshd
let other: KeyPair
beforeAll(async () => {
  ;[gate, inner, other] = await Promise.all([startSshd(), startSshd(), keyPair('elsewhere')])
})
afterAll(async () => {
  await gate.stop()
  await inner.stop()
})

/** A line for known_hosts: `NAME` is the server's name there, `HOST` its address alone, `KEY` its key, `OTHER` another. */
function fill(line: string): string {
  return line
    .replaceAll('NAME', `[${inner.host}]:${inner.port}`)
    .replaceAll('HOST', inner.host)
    .replaceAll('KEY', inner.hostKeys[0]?.publicLine ?? '')
    .replaceAll('OTHER', other.publicLine)
}

function hashed(file: string): string {
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'pipe' })
  expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/)
  return file
}

describe('a host on record', () => {
  leakCheck()

  test.each([
    ['in a list', 'first.example,NAME,last.example KEY\n'],
    ['by a wildcard', '[127.*]:* KEY\n'],
    ['as one of two keys', 'NAME OTHER\nNAME KEY\n'],
    ['without its port', 'HOST KEY\n'],
    ['behind lines that are broken', 'NAME ssh-ed25519\n@strange NAME OTHER\n\0\nNAME KEY\n'],
    ['between comments, with carriage returns', '# mine\r\n\r\nNAME KEY me@here\r\n'],
    ['beside the revocation of another key', '@revoked * OTHER\nNAME KEY\n'],
  ])('%s is let in', async (_name, lines) => {
    await using gateway = connectionTo(gate)
    const userKnownHostsFile = [knownHostsFile(fill(lines))]
    await using connection = connectionTo(inner, { userKnownHostsFile, gateway })
    await connection.open()
    expect(connection.state).toBe('open')
  })

  test('as a hash of ssh-keygen is let in, and by the global file as well', async () => {
    const file = hashed(knownHostsFile(fill('NAME KEY\n')))
    for (const files of [
      { userKnownHostsFile: [file] },
      { userKnownHostsFile: [], globalKnownHostsFile: [file] },
    ]) {
      await using connection = connectionTo(inner, files)
      await connection.open()
    }
  })

  test.each([
    ['by another key is a changed one', 'NAME OTHER\n', 'HOST_KEY_CHANGED'],
    ['that a negation leaves out is unknown', '*,!NAME,!HOST KEY\n', 'HOST_KEY_UNKNOWN'],
    ['by another key without its port is unknown, not changed', 'HOST OTHER\n', 'HOST_KEY_UNKNOWN'],
    ['under another port is unknown', '[HOST]:1 KEY\n', 'HOST_KEY_UNKNOWN'],
    ['with its key revoked is refused', 'NAME KEY\n@revoked NAME KEY\n', 'HOST_KEY_REVOKED'],
    ['by a line whose key is broken off is unknown', 'NAME ssh-ed25519 AAAA\n', 'HOST_KEY_UNKNOWN'],
    ['by an authority alone is refused', '@cert-authority * OTHER\n', 'HOST_KEY_CERTIFICATE'],
    [
      'by an authority that is revoked is refused',
      '@cert-authority * OTHER\n@revoked * OTHER\n',
      'HOST_KEY_CERTIFICATE',
    ],
  ])('%s', async (_name, lines, code) => {
    await using gateway = connectionTo(gate)
    const before = inner.connections().length
    const userKnownHostsFile = [knownHostsFile(fill(lines))]
    const error = await failureOf(connectionTo(inner, { userKnownHostsFile, gateway }).open())
    expect(error).toMatchObject({
      code,
      phase: 'host-key',
      hop: { index: 1, count: 2, host: inner.host, via: gate.host },
    })
    expect(inner.connections()).toHaveLength(before)
  })
})

describe('what is said without being asked', () => {
  leakCheck()

  test('checking that is off for one hop is told of with the hop’s name, and off for no other', async () => {
    const unknown = { userKnownHostsFile: ['/dev/null'] }
    await using gateway = connectionTo(gate, { ...unknown, strictHostKeyChecking: 'no' })
    const warnings = await warningsOf(() => gateway.open())
    expect(warnings).toContainEqual(expect.stringContaining('strictHostKeyChecking no'))
    const error = await failureOf(connectionTo(inner, { ...unknown, gateway }).open())
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hop: { index: 1, host: inner.host } })
  })

  test('ten thousand keys that a server announces are not recorded, and do no harm', async () => {
    const [hostKey, userKey] = await Promise.all([keyPair('rogue'), keyPair('user-1')])
    const [type = '', base64 = ''] = other.publicLine.split(' ')
    expect(type).toBe('ssh-ed25519')
    const blob = Buffer.from(base64, 'base64')
    const announced = Array.from({ length: 300 }, () => [blob.length, blob]).flat()
    await using rogue = await startRogueServer({
      hostKey,
      script: {
        onOpen: (peer) => {
          const wantsReply = Buffer.from([0])
          for (let sent = 0; sent < 10_000; sent += 300)
            peer.send(message.globalRequest, 'hostkeys-00@openssh.com', wantsReply, ...announced)
        },
      },
    })
    const file = knownHostsFile(rogue.knownHostsLine)
    await using connection = new Connection(rogue.host, {
      user: 'someone',
      port: rogue.port,
      identityFile: [userKey.file],
      identityAgent: 'none',
      userKnownHostsFile: [file],
      globalKnownHostsFile: [],
      strictHostKeyChecking: 'accept-new',
    })
    expect((await connection.run('anything')).stdout).toBe('ok\n')
    expect(readFileSync(file, 'utf8')).toBe(rogue.knownHostsLine)
  })
})
