// The command line of ssh for a route: the real ssh goes the same way by it, each hop with its own user, key and
// known_hosts.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Connection, type GatewayOption, sshCommand } from '../../src/index.js'
import { httpConnect } from '../../src/ways/http-connect.js'
import { socks5 } from '../../src/ways/socks5.js'
import { type Chain, startChain } from '../support/chain.js'
import { startHttpProxy } from '../support/http-proxy-server.js'
import { leakCheck } from '../support/leak-check.js'
import { startSocksProxy } from '../support/socks-proxy-server.js'
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
function connectionTo(index: number, gateway: GatewayOption): Connection {
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
  const before = chain.passages()
  expect(await answerBySsh(connectionTo(2, connectionTo(1, connectionTo(0, false))))).toBe('there\n')
  expect(chain.passages()).toEqual(before.map((count) => count + 1))
})

it('commands on gateways, one behind the other', async () => {
  const before = chain.passages()
  const inner = connectionTo(1, { command: 'nc %h %p', on: connectionTo(0, false) })
  expect(await answerBySsh(connectionTo(2, { command: ['nc', '%h', '%p'], on: inner }))).toBe('there\n')
  expect(chain.passages()).toEqual(before)
})

it('proxies', async () => {
  await using socks = await startSocksProxy()
  await using http = await startHttpProxy()
  for (const [proxy, gateway] of [
    [socks, socks5(`socks5://${socks.host}:${socks.port}`)],
    [http, httpConnect(`http://${http.host}:${http.port}`)],
  ] as const) {
    expect(await answerBySsh(connectionTo(2, gateway))).toBe('there\n')
    expect(proxy.asked()).toEqual([`${chain.at(2).host}:${chain.at(2).port}`])
  }
})

/** What the real ssh gets from the host, when it goes the way of the connection. */
async function answerBySsh(target: Connection): Promise<string> {
  const { text, remarks } = sshCommand(await target.resolve())
  expect(remarks).toEqual([])
  const { stdout } = await promisify(execFile)('sh', ['-c', `${text} 'echo there' </dev/null`])
  return stdout
}
