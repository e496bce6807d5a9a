// The network that the documentation speaks of, with real sshd: `gatewayhost`, which the person's machine reaches;
// `innerhost`, which only gatewayhost reaches; and `internalhost`, which only these two reach. Beside gatewayhost is
// `proxy.example`, with a SOCKS proxy for the user ops and an HTTP proxy for everybody. Each name is known only where it
// must be. The users `ops` and `jump` exist nowhere else; ops has the password `made up`, and sudo for
// everything. Needs root.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startHttpProxy } from '../support/http-proxy-server.js'
import { keyPair } from '../support/keys.js'
import { createNetns, type Netns } from '../support/netns.js'
import { scratchDir } from '../support/run-dir.js'
import { startSocksProxy } from '../support/socks-proxy-server.js'
import { type Sshd, type SshdOptions, startSshd } from '../support/sshd.js'
import { type Ended, type RunProgramOptions, runProgram } from './run-program.js'

const execute = promisify(execFile)

export interface DocumentedNetwork extends AsyncDisposable {
  readonly gatewayhost: Sshd
  readonly innerhost: Sshd
  readonly internalhost: Sshd
  /** Where internalhost is, and what is called `db.internal`. */
  readonly deep: Netns
  /** Runs a program as the person who has a key and known_hosts, on the machine that reaches gatewayhost only. */
  run(program: string, args: readonly string[], options?: RunProgramOptions): Promise<Ended>
}

/** Starts it. Rejects with one sentence where the rights are missing. The caller disposes it. */
export async function startDocumentedNetwork(): Promise<DocumentedNetwork> {
  const made: AsyncDisposable[] = []
  const keep = <T extends AsyncDisposable>(thing: T): T => {
    made.unshift(thing)
    return thing
  }
  const dispose = async (): Promise<void> => {
    for (const thing of made.splice(0)) await thing[Symbol.asyncDispose]()
  }
  try {
    const desk = keep(await createNetns())
    const edge = keep(await createNetns({ uplink: desk }))
    const deep = keep(await createNetns({ uplink: edge }))
    const home = scratchDir('documented-home')
    const [person, servers] = await Promise.all([
      makeEtc({ home, hosts: { gatewayhost: edge.address, 'proxy.example': edge.address } }),
      makeEtc({
        home: scratchDir('bare-home'),
        hosts: {
          gatewayhost: edge.address,
          'proxy.example': edge.address,
          innerhost: '127.0.0.2',
          internalhost: deep.address,
          'db.internal': deep.address,
          'web.internal': deep.address,
          'mail.internal': deep.address,
        },
      }),
    ])
    const userKey = await keyPair('documented-user')
    // What sshd logs at DEBUG1 once a command has begun comes out of the command's stderr.
    const config = ['LogLevel VERBOSE', 'PasswordAuthentication yes']
    const start = async (name: string, netns: Netns, options: SshdOptions = {}): Promise<Sshd> =>
      keep(await startSshd({ name, netns, userKey, config, under: machine(name, servers), ...options }))
    const beside = {
      host: edge.address,
      under: ['ip', 'netns', 'exec', edge.name, ...machine('proxy', servers)],
    }
    keep(await startSocksProxy({ ...beside, port: 1080, login: { user: 'ops', password: 'made up' } }))
    keep(await startHttpProxy({ ...beside, port: 3128 }))
    const gatewayhost = await start('gatewayhost', edge)
    const innerhost = await start('innerhost', edge, { host: '127.0.0.2' })
    const internalhost = await start('internalhost', deep)

    const known = Object.entries({ gatewayhost, innerhost, internalhost }).flatMap(([name, { hostKeys }]) =>
      hostKeys.map(({ publicLine }) => `${name} ${publicLine}\n`),
    )
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    writeFileSync(join(home, '.ssh', 'known_hosts'), known.join(''))
    cpSync(userKey.file, join(home, '.ssh', 'id_ed25519'))

    const { SSH_AUTH_SOCK: _, ...environment } = process.env
    return {
      gatewayhost,
      innerhost,
      internalhost,
      deep,
      run: (program, args, { env, ...options } = {}) =>
        runProgram('ip', ['netns', 'exec', desk.name, ...machine('desk', person), program, ...args], {
          ...options,
          env: { ...environment, HOME: home, ...env },
        }),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The password `made up`, as crypt(3) has it. */
const madeUp =
  '$6$sallyport$n1bjRz6in51kEVpPsxStoj1NzDvUXeL14d0aj6RAY1K9.3A0dapK4cY/E21asazk.7/VLEigGx3zWdE.3Ylzn/'

/** Starts the words that follow on a machine with this name and this /etc. */
function machine(name: string, etc: string): readonly string[] {
  const become = 'hostname "$1" && mount --bind "$2" /etc && shift 2 && exec "$@"'
  return ['unshare', '--mount', '--uts', 'sh', '-c', become, 'sh', name, etc]
}

/**
 * A copy of /etc with its own names of hosts and users. Single files laid over /etc would be gone as soon as a new
 * account makes new ones (rename(2)). The programs of OpenSSH take their home from passwd, not from HOME.
 */
async function makeEtc(own: {
  readonly home: string
  readonly hosts: Readonly<Record<string, string>>
}): Promise<string> {
  const etc = scratchDir('etc')
  await execute('cp', ['-a', '/etc/.', etc])
  const write = (name: string, lines: readonly string[], mode = 0o644): void => {
    rmSync(join(etc, name), { force: true }) // it may be a link
    writeFileSync(join(etc, name), `${lines.join('\n')}\n`, { mode })
  }
  const hosts = Object.entries({ localhost: '127.0.0.1', ...own.hosts })
  const passwords = Object.entries({ root: '*', ops: madeUp, jump: '*' })
  const others = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('root:'))
  write('sudoers.d/ops', ['ops ALL=(ALL:ALL) ALL'], 0o440)
  write(
    'hosts',
    hosts.map(([name, address]) => `${address} ${name}`),
  )
  write('resolv.conf', [])
  write('passwd', [
    `root:x:0:0:root:${own.home}:/bin/sh`,
    'ops:x:20001:20001::/:/bin/sh',
    'jump:x:20002:20002::/:/bin/sh',
    ...others,
  ])
  write(
    'shadow',
    passwords.map(([user, hash]) => `${user}:${hash}:20000::::::`),
    0o600,
  )
  return etc
}
