// Many hosts for tests of the command line: one real server that listens on an address for each of them, behind one real
// gateway, and names behind another gateway that is not there. By `~/.ssh/config` they are web1, web2, … and lost1, ….

import { afterAll, beforeAll } from 'vitest'
import { freePort, randomLoopback, type Sshd, startSshd } from '../support/sshd.js'
import type { TempHome } from '../support/temp-home.js'
import { ownHome } from './own-home.js'
import { quietServer } from './program.js'

export const hostCount = 6

export interface GroupServers {
  readonly home: TempHome
  readonly env: NodeJS.ProcessEnv
  readonly gateway: () => Sshd
  /** The server of all the hosts. */
  readonly target: () => Sshd
}

/** The address of `web1`, `web2`, … */
export function addressOf(target: Sshd, number: number): string {
  return target.host.replace(/\d+$/, String(number))
}

/** Until the last test of the file has ended. */
export function groupServers(): GroupServers {
  const { home, env } = ownHome()
  const running: { gateway?: Sshd; target?: Sshd } = {}
  const there = (server: Sshd | undefined): Sshd => {
    if (server === undefined) throw new Error('the servers are not there before the first test')
    return server
  }
  beforeAll(async () => {
    const host = randomLoopback().replace(/\d+$/, '100')
    const port = await freePort(host)
    const addresses = Array.from({ length: hostCount }, (_, index) => host.replace(/\d+$/, String(index + 1)))
    const [target, gateway] = await Promise.all([
      startSshd({
        host,
        port,
        config: [
          ...addresses.map((address) => `ListenAddress ${address}:${port}`),
          ...quietServer(home.path),
        ],
      }),
      startSshd({ config: ['LogLevel DEBUG1'] }),
    ])
    Object.assign(running, { gateway, target })
    const [, key = ''] = target.knownHostsLine().split(/ (.*)/s)
    home.write('.ssh/known_hosts', `${gateway.knownHostsLine()}target ${key}`)
    home.write('.ssh/config', configOf({ gateway, target, addresses, nowhere: await freePort(gateway.host) }))
  })
  afterAll(() => Promise.all([running.gateway?.stop(), running.target?.stop()]))
  return { home, env, gateway: () => there(running.gateway), target: () => there(running.target) }
}

interface Written {
  readonly gateway: Sshd
  readonly target: Sshd
  readonly addresses: readonly string[]
  /** A port on which nothing listens. */
  readonly nowhere: number
}

function configOf({ gateway, target, addresses, nowhere }: Written): string {
  return [
    ...addresses.flatMap((address, index) => [`Host web${index + 1}`, `HostName ${address}`]),
    ...['Host gw', `HostName ${gateway.host}`, `Port ${gateway.port}`, `IdentityFile ${gateway.userKeyFile}`],
    ...['Host dead-gw', `HostName ${gateway.host}`, `Port ${nowhere}`],
    ...['Host web*', 'ProxyJump gw'],
    ...['Host lost*', 'ProxyJump dead-gw', `HostName ${target.host}`],
    ...['Host web* lost* near*', `Port ${target.port}`, `IdentityFile ${target.userKeyFile}`],
    ...['HostKeyAlias target'],
    ...['Host *', `User ${target.user}`, ''],
  ].join('\n')
}
