// Gateways that configuration made are shared, and their secrets are not.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Connection } from '../../src/index.js'
import { type Chain, startChain } from '../support/chain.js'
import { failureOf } from '../support/failure.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile, optionsFor } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'

leakCheck()

/** A connection to the end of the chain, through a bastion that a file knows with this passphrase. */
function through(
  chain: Chain,
  { passphrase, known }: { readonly passphrase: string; readonly known: string },
): Connection {
  const [bastion, target] = [chain.at(0), chain.at(1)]
  const config = join(scratchDir('own'), 'sallyport.json')
  const { host: hostName, port, user, userKeyFile } = bastion
  const settings = {
    hostName,
    port,
    user,
    identityFile: userKeyFile,
    passphrase,
    identityAgent: 'none',
    hostKeyAlias: 'bastion',
    userKnownHostsFile: known,
  }
  writeFileSync(config, JSON.stringify({ hosts: { bastion: settings } }), { mode: 0o600 })
  return new Connection(target.host, {
    ...optionsFor(target),
    proxyJump: 'bastion',
    config,
    sshConfig: false,
    allowExec: true,
  })
}

test('a gateway is shared by those who have the same secret for it, and opened by nobody without', async () => {
  const userKey = await keyPair('shared', { passphrase: 'sesame' })
  await using chain = await startChain(2, (index) => (index === 0 ? { userKey } : {}))
  const known = knownHostsFile(chain.at(0).knownHostsLine().replace(/^\S+/, 'bastion'))
  await using first = through(chain, { passphrase: 'sesame', known })
  await using second = through(chain, { passphrase: 'sesame', known })
  await using stranger = through(chain, { passphrase: 'guessed', known })
  await Promise.all([first.open(), second.open()])
  expect(chain.at(0).connections()).toHaveLength(1)
  expect(chain.at(1).connections()).toHaveLength(2)
  const error = await failureOf(stranger.open())
  expect(error).toMatchObject({ code: 'PASSPHRASE_NEEDED', hop: { host: 'bastion', index: 0 } })
  expect(chain.at(1).connections()).toHaveLength(2)
})
