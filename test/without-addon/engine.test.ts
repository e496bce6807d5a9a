import { createHash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough } from '../support/link-up.js'

// vitest.config.ts runs this file, and a few others once more, with the native addon out of reach.

describe('without the native addon of ssh2', () => {
  leakCheck()

  test('the engine really has none', () => {
    const { bindingAvailable } = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js') as {
      bindingAvailable: boolean
    }
    expect(bindingAvailable).toBe(false)
  })

  test.each(['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'])(
    'eight megabytes come back the same through a gateway with %s',
    async (cipher) => {
      await using chain = await startChain(2)
      const connections = connectionsThrough(chain, { ciphers: [cipher] })
      const input = randomBytes(8 * 1024 * 1024)
      const result = await connections.at(-1)?.run('cat', { input, encoding: 'buffer' })
      const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      expect(hash(result?.stdout ?? Buffer.alloc(0))).toBe(hash(input))
      await closeAll(connections)
    },
  )
})
