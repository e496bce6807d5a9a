// SFTP sessions through a gateway, on the servers of OpenSSH and of AsyncSSH: the same promises on both.

import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Connection } from '../../src/index.js'
import { type AsyncsshServer, startAsyncsshServer } from '../support/asyncssh-server.js'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { scratchDir } from '../support/run-dir.js'
import { sftpContract } from '../support/sftp-contract.js'
import { type Sshd, startSshd } from '../support/sshd.js'

let sshds: readonly [Sshd, Sshd]
let asyncssh: AsyncsshServer
let gateway: Connection
beforeAll(async () => {
  sshds = [
    await startSshd({ name: 'gateway', config: ['LogLevel INFO'] }),
    await startSshd({
      name: 'target',
      config: ['LogLevel INFO', 'Subsystem sftp /usr/lib/openssh/sftp-server'],
    }),
  ]
  asyncssh = await startAsyncsshServer()
  gateway = connectionTo(sshds[0])
})
afterAll(async () => {
  await gateway.close()
  await asyncssh[Symbol.asyncDispose]()
  for (const sshd of sshds) await sshd.stop()
})

const servers = {
  OpenSSH: () => connectionTo(sshds[1], { gateway }),
  AsyncSSH: () => asyncssh.connect({ gateway }),
}

describe.each(Object.entries(servers))('on the server of %s', (_server, connect) => {
  let host: Connection
  beforeAll(async () => {
    host = await connect().open()
  })
  afterAll(() => host.close())
  leakCheck()

  test.each(Object.entries(sftpContract))('%s', async (_name, promised) => {
    await using sftp = await host.sftp()
    await promised(sftp, scratchDir('sftp'))
  })
})
