import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors.js'
import { hostKeyAlgorithms, supportedAlgorithms } from '../../../src/hops/algorithms.js'
import type { Hop } from '../../../src/route/route.js'
import { sampleHop } from './sample-hop.js'

function left(hop: Hop): { readonly lists: ReturnType<typeof supportedAlgorithms>; readonly told: string[] } {
  const told: string[] = []
  return { lists: supportedAlgorithms(hop, (message) => told.push(message)), told }
}

const openSshOnly = {
  kexAlgorithms: ['sntrup761x25519-sha512@openssh.com', 'curve25519-sha256'],
  hostKeyAlgorithms: ['ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519'],
  ciphers: ['aes256-gcm@openssh.com', 'nonsense'],
  macs: ['umac-128@openssh.com', 'hmac-sha2-256'],
  pubkeyAcceptedAlgorithms: ['sk-ssh-ed25519@openssh.com', 'rsa-sha2-512'],
}

describe('what the engine lacks', () => {
  test('is left out of the lists of ssh_config, and told', () => {
    const { lists, told } = left(sampleHop(openSshOnly, { source: 'ssh_config' }))
    expect(lists).toEqual({
      kex: ['curve25519-sha256'],
      hostKey: ['ssh-ed25519'],
      cipher: ['aes256-gcm@openssh.com'],
      mac: ['hmac-sha2-256'],
      userKey: ['rsa-sha2-512'],
      compression: undefined,
    })
    expect(told).toHaveLength(5)
    expect(told[0]).toBe(
      'ssh_config kexAlgorithms: of kexAlgorithms, these are not supported and left out: sntrup761x25519-sha512@openssh.com',
    )
  })

  test.each(Object.entries(openSshOnly))('is an error in %s from anywhere else', (name, list) => {
    for (const source of ['runtime', 'environment', 'project', 'program'] as const) {
      expect(() => left(sampleHop({ [name]: list }, { source }))).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED_OPTION', origin: `${source} ${name}` }),
      )
    }
  })

  test('is an error where nothing else is left', () => {
    expect(() => left(sampleHop({ macs: ['umac-64@openssh.com'] }, { source: 'ssh_config' }))).toThrow(
      ConfigError,
    )
  })

  test('is shown without escapes', () => {
    expect(() => left(sampleHop({ macs: ['x\x9by'] }))).not.toThrow(/\x9b/)
  })
})

test('without settings, all is the engine’s but the signatures, which are not SHA-1', () => {
  const { lists, told } = left(sampleHop())
  expect(lists).toMatchObject({ kex: undefined, hostKey: undefined, cipher: undefined, mac: undefined })
  expect(lists.userKey).not.toContain('ssh-rsa')
  expect(told).toEqual([])
})

test('a list of host key algorithms is in its order, but for one that only changes OpenSSH’s own', () => {
  const names = ['rsa-sha2-512', 'ssh-ed25519']
  for (const source of ['runtime', 'ssh_config'] as const) {
    const hop = sampleHop({ hostKeyAlgorithms: names }, { source })
    expect(hostKeyAlgorithms(hop, left(hop).lists)).toEqual({ names, isOrdered: true })
  }
  const changed = sampleHop({ hostKeyAlgorithms: names }, { source: 'ssh_config', isOwnListChanged: true })
  expect(hostKeyAlgorithms(changed, left(changed).lists)).toEqual({ names, isOrdered: false })
  expect(hostKeyAlgorithms(sampleHop(), left(sampleHop()).lists)).toBeUndefined()
})
