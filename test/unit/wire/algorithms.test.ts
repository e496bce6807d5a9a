import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usualSignatureAlgorithms } from '../../../src/signature-algorithms.js'
import {
  findServerAlgorithms,
  offeredAlgorithms,
  unsupportedAlgorithms,
} from '../../../src/wire/algorithms.js'
import { loginAlgorithms } from '../../../src/wire/public-key.js'
import { engineAlgorithms } from '../../../src/wire/ssh2-engine.js'
import { startSshd } from '../../support/sshd.js'

describe('what is offered', () => {
  it('is what was asked for, and the engine’s own lists where nothing was', () => {
    const offered = offeredAlgorithms({ kex: ['a'], cipher: undefined })
    expect(offered.kex).toEqual(['a'])
    expect(offered.hostKey).toContain('ssh-ed25519')
    expect(offered.cipher).toContain('aes128-gcm@openssh.com')
    expect(offered.mac).toContain('hmac-sha2-256-etm@openssh.com')
  })

  it('is no signature by SHA-1, unless it was asked for', () => {
    expect(offeredAlgorithms({}).hostKey).toContain('rsa-sha2-256')
    expect(offeredAlgorithms({}).hostKey).not.toContain('ssh-rsa')
    expect(offeredAlgorithms({ hostKey: ['ssh-rsa'] }).hostKey).toEqual(['ssh-rsa'])
  })

  it('is else every signature that the engine has, for hosts as well as for users', () => {
    const all = [...usualSignatureAlgorithms, 'ssh-rsa'].sort()
    expect(
      [...engineAlgorithms.SUPPORTED_SERVER_HOST_KEY].filter((name) => name !== 'ssh-dss').sort(),
    ).toEqual(all)
    expect([...loginAlgorithms].sort()).toEqual(all)
  })

  it('is no compression, unless it was asked for', () => {
    expect(offeredAlgorithms({}).compression).toEqual(['none'])
    expect(offeredAlgorithms({ compression: ['zlib', 'none'] }).compression).toEqual(['zlib', 'none'])
  })
})

describe('what the engine does not have', () => {
  it('is told by name, from each list', () => {
    const lists = {
      kex: ['curve25519-sha256', 'mlkem768x25519-sha256'],
      hostKey: ['ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519'],
      cipher: ['rot13'],
      mac: ['hmac-sha2-256', 'none'],
      compression: ['zlib', 'lz4'],
    }
    expect(unsupportedAlgorithms(lists)).toEqual([
      'mlkem768x25519-sha256',
      'ssh-ed25519-cert-v01@openssh.com',
      'rot13',
      'none',
      'lz4',
    ])
  })

  it('is nothing of what it offers by itself', () => {
    expect(unsupportedAlgorithms(offeredAlgorithms({}))).toEqual([])
    expect(unsupportedAlgorithms({})).toEqual([])
  })
})

/** An SSH_MSG_KEXINIT in its packet (RFC 4253 6, 7.1). */
function kexInit(lists: readonly string[], { type = 20 }: { readonly type?: number } = {}): Buffer {
  const payload = Buffer.concat([
    Buffer.from([type]),
    Buffer.alloc(16, 7),
    ...lists.map((list) => Buffer.concat([uint32(list.length), Buffer.from(list)])),
    Buffer.alloc(5),
  ])
  const padding = Buffer.alloc(8)
  return Buffer.concat([
    uint32(payload.length + padding.length + 1),
    Buffer.from([padding.length]),
    payload,
    padding,
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const lists = ['k1,k2', 'h1', 'c1,c2', 'server-c', 'm1', 'server-m', 'none', 'none', '', '']
const packet = kexInit(lists)

describe('what a server offers', () => {
  it('is read from its first packet, in the direction from it to us', () => {
    expect(findServerAlgorithms(packet)).toEqual({
      kex: ['k1', 'k2'],
      hostKey: ['h1'],
      cipher: ['server-c'],
      mac: ['server-m'],
    })
  })

  it('is found behind the messages that may come before it and mean nothing', () => {
    const before = [2, 3, 4, 2].map((type) => kexInit([], { type }))
    expect(findServerAlgorithms(Buffer.concat([...before, packet]))).toEqual(findServerAlgorithms(packet))
    expect(findServerAlgorithms(Buffer.concat(before))).toBeUndefined()
    expect(findServerAlgorithms(Buffer.concat([kexInit([], { type: 1 }), packet]))).toBeUndefined()
  })

  it('is not known before the packet is whole, whatever follows it', () => {
    for (let length = 0; length < packet.length; length++) {
      expect(findServerAlgorithms(packet.subarray(0, length))).toBeUndefined()
    }
    expect(findServerAlgorithms(Buffer.concat([packet, Buffer.from('more')]))).toBeDefined()
  })

  it('is not looked for in other packets, nor in one that is too long or lies about its lengths', () => {
    expect(findServerAlgorithms(kexInit(lists, { type: 1 }))).toBeUndefined()
    expect(findServerAlgorithms(kexInit(['x'.repeat(35_000)]))).toBeUndefined()
    expect(findServerAlgorithms(kexInit(lists.slice(0, 1)))).toBeUndefined()
    const lying = Buffer.from(packet)
    lying.writeUInt32BE(0xffffffff, 22)
    expect(findServerAlgorithms(lying)).toBeUndefined()
  })

  it('is looked for in any bytes without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: packet.length - 1 }), (noise, at) => {
        findServerAlgorithms(Buffer.from(noise))
        const damaged = Buffer.from(packet)
        damaged.set(noise.subarray(0, packet.length - at), at)
        findServerAlgorithms(damaged)
      }),
    )
  })

  it('is what a real sshd was configured with', async () => {
    const config = ['KexAlgorithms curve25519-sha256', 'Ciphers aes256-ctr', 'MACs hmac-sha2-512']
    await using sshd = await startSshd({ config })
    const socket = connect(sshd.port, sshd.host)
    let bytes: Buffer = Buffer.alloc(0)
    let found: ReturnType<typeof findServerAlgorithms>
    socket.write('SSH-2.0-test\r\n')
    while (found === undefined) {
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      bytes = Buffer.concat([bytes, chunk])
      const end = bytes.indexOf('\n')
      if (end !== -1) found = findServerAlgorithms(bytes.subarray(end + 1))
    }
    socket.destroy()
    expect(found).toMatchObject({
      hostKey: ['ssh-ed25519'],
      cipher: ['aes256-ctr'],
      mac: ['hmac-sha2-512'],
    })
    expect(found.kex).toEqual(expect.arrayContaining(['curve25519-sha256', 'kex-strict-s-v00@openssh.com']))
  })
})
