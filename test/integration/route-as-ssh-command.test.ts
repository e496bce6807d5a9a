// The command line of ssh for a route: the real ssh goes the same way by it, each hop with its own user, key and
// known_hosts.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Connection, sshCommand } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { type TempHome, tempHome } from '../support/temp-home.js'

leakCheck()

let chain: Chain
let home: TempHome
beforeAll(async () => {
  home = tempHome()
  chain = await startChain(3)
})
afterAll(async () => {
  await chain[Symbol.asyncDispose]()
  home[Symbol.dispose]()
})

/** The connection to one of the servers, with all that it needs and the others do not have. */
function connectionTo(index: number, gateway: Connection | false): Connection {
  const sshd = chain.at(index)
  return new Connection(`hop-${index}`, {
    user: sshd.user,
    hostName: sshd.host,
    port: sshd.port,
    identityFile: [home.write(`the key's ${index}`, readFileSync(sshd.userKeyFile, 'utf8'))],
    identitiesOnly: true,
    batchMode: true,
    userKnownHostsFile: [home.write(`100% hosts ${index}`, sshd.knownHostsLine())],
    sshConfig: false,
    config: false,
    gateway,
  })
}

it('three hops with keys of their own', async () => {
  const target = connectionTo(2, connectionTo(1, connectionTo(0, false)))
  const { text, remarks } = sshCommand(await target.resolve())
  expect(remarks).toEqual([])
  const before = chain.passages()
  const { stdout } = await promisify(execFile)('sh', ['-c', `${text} 'echo there' </dev/null`])
  expect(stdout).toBe('there\n')
  expect(chain.passages()).toEqual(before.map((count) => count + 1))
})
