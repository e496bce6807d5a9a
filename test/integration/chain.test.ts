import { describe, expect, test } from 'vitest'
import { startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { closeAll, connectionsThrough } from '../support/link-up.js'

describe('a chain of gateways', () => {
  leakCheck()

  test.each([1, 2, 3, 5, 8])('of %i hops leads to the last, through each in order', async (length) => {
    await using chain = await startChain(length)
    const connections = connectionsThrough(chain)
    const target = connections.at(-1)
    const result = await target?.run('echo $SSH_CONNECTION')
    expect(result?.stdout).toContain(`${chain.at(-1).host} ${chain.at(-1).port}`)
    expect(chain.passages()).toEqual(Array.from({ length: length - 1 }, () => 1))
    for (const sshd of chain.sshds) expect(sshd.connections()).toHaveLength(1)
    await closeAll(connections)
  })
})
