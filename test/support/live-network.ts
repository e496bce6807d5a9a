// The hosts of the live oracle, in a network of their own that nothing leaves: three gateways and a target, each with
// a key of its own for whoever logs in, and the blocks of ssh_config by which a person would know them. Networks are
// alike to the byte, so that each program under comparison has one, whose logs tell the path of its visit. Needs root.

import { execFile } from 'node:child_process'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type KeyPair, type KeyType, keyPair } from './keys.js'
import { scratchDir } from './run-dir.js'
import { type Sshd, startSshd } from './sshd.js'

const execute = promisify(execFile)

/** As the blocks call them. */
export type HostName = 'one' | 'two' | 'three' | 'target'

interface HostPlan {
  readonly host: string
  readonly port: number
  readonly hostKeyTypes: readonly KeyType[]
  readonly config?: readonly string[]
}

const gateway = { hostKeyTypes: ['ed25519'] } as const

const plans: Readonly<Record<HostName, HostPlan>> = {
  one: { ...gateway, host: '127.0.1.1', port: 22 },
  two: { ...gateway, host: '127.0.1.2', port: 2202 },
  three: { ...gateway, host: '127.0.1.3', port: 2203 },
  target: {
    host: '127.0.1.4',
    port: 2204,
    hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'],
    // At the level of the rig, which the gateways keep, a server's log goes to the commands' standard error, too.
    config: ['LogLevel INFO', 'ListenAddress [::1]:2204', 'AcceptEnv LIVE_*'],
  },
}

/** In the order of the blocks. */
export const hostNames = Object.keys(plans) as readonly HostName[]

/** As known_hosts names them. */
export const recordedNames: Readonly<Record<HostName, string>> = {
  one: plans.one.host,
  two: `[${plans.two.host}]:${plans.two.port}`,
  three: `[${plans.three.host}]:${plans.three.port}`,
  target: `[${plans.target.host}]:${plans.target.port}`,
}

/** A file of names for whoever visits; the hosts themselves know none of them. */
export const etcHosts = [
  '127.0.0.1 localhost',
  ...hostNames.map((name) => `${plans[name].host} ${name}.live.test`),
  // With its dot: so are names asked for that CanonicalDomains have completed.
  `${plans.target.host} database.live.test database.live.test.`,
  // Nobody listens at the first of them.
  '127.0.1.8 twofold.live.test',
  `${plans.target.host} twofold.live.test`,
  '',
].join('\n')

export class LiveNetwork implements AsyncDisposable {
  /** The network namespace. */
  readonly namespace: string
  readonly hosts: Readonly<Record<HostName, Sshd>>
  readonly #taken = new Map<string, number>()

  constructor(namespace: string, hosts: Readonly<Record<HostName, Sshd>>) {
    this.namespace = namespace
    this.hosts = hosts
  }

  /** The hosts as blocks of ssh_config. What stands before them wins. */
  blocks(): string {
    const blocks = hostNames.map((name) => {
      const { host, port } = this.hosts[name]
      return `Host ${name}\n  HostName ${host}\n  Port ${port}\n  IdentityFile ~/.ssh/${name}.key\n`
    })
    return `${blocks.join('')}Host *\n  User root\n  BatchMode yes\n  ConnectTimeout 10\n`
  }

  /** A known_hosts file's text that knows these; default all. */
  knownHosts(names: readonly HostName[] = hostNames): string {
    return names.map((name) => this.hosts[name].knownHostsLine()).join('')
  }

  /** What the servers have seen since the last call: logins, and the forwards of gateways. */
  async takePath(): Promise<readonly string[]> {
    // What the servers wrote before a client ended is in the pipes, and is read in the next turns.
    for (let count = 0; count < 3; count++) await turn()
    return hostNames.flatMap((name) => {
      const sshd = this.hosts[name]
      const logins = sshd.connections().map(({ user, method }) => `${user} at ${name} by ${method}`)
      const forwards = sshd.forwards().map((address) => `${name} to ${nameOf(address)}`)
      return [...this.#news(`logins at ${name}`, logins), ...this.#news(`forwards of ${name}`, forwards)]
    })
  }

  #news(what: string, all: readonly string[]): readonly string[] {
    const news = all.slice(this.#taken.get(what))
    this.#taken.set(what, all.length)
    return news
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.hosts).map((sshd) => sshd.stop()))
    await execute('ip', ['netns', 'del', this.namespace])
  }
}

function nameOf(address: string): string {
  return hostNames.find((name) => address === `${plans[name].host}:${plans[name].port}`) ?? address
}

let count = 0

/** Starts the hosts. */
export async function startLiveNetwork(): Promise<LiveNetwork> {
  const namespace = `sl${process.pid.toString(36)}${++count}`
  const home = scratchDir('remote-home')
  const start = async (name: HostName): Promise<Sshd> => {
    const { hostKeyTypes, config = [], ...plan } = plans[name]
    const userKey = await keyPair(`live-user-${name}`)
    const hostKeys: KeyPair[] = []
    for (const type of hostKeyTypes) hostKeys.push(await keyPair(`live-host-${name}`, { type }))
    return startSshd({
      ...plan,
      ...{ name: `${name} of ${namespace}`, userKey, hostKeys },
      config: [`SetEnv HOME=${home}`, ...config],
      netns: { name: namespace, address: plan.host },
      user: 'root',
    })
  }
  await execute('ip', ['netns', 'add', namespace])
  await execute('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
  const [one, two, three, target] = await Promise.all([
    start('one'),
    start('two'),
    start('three'),
    start('target'),
  ])
  return new LiveNetwork(namespace, { one, two, three, target })
}
