// The network that the documentation speaks of, with real sshd: `gatewayhost`, which the person's machine reaches;
// `innerhost`, which only gatewayhost reaches; and `internalhost`, which only these two reach. Each name is known only
// where it must be. The users `ops` and `jump` exist nowhere else; ops has the password `made up`. Needs root.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyPair } from '../support/keys.js'
import { createNetns, type Netns } from '../support/netns.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, type SshdOptions, startSshd } from '../support/sshd.js'
import { type Ended, type RunProgramOptions, runProgram } from './run-program.js'

export interface DocumentedNetwork extends AsyncDisposable {
  readonly gatewayhost: Sshd
  readonly innerhost: Sshd
  readonly internalhost: Sshd
  /** Runs a program as the person who has a key and known_hosts, on the machine that reaches gatewayhost only. */
  run(program: string, args: readonly string[], options?: RunProgramOptions): Promise<Ended>
}

/** Starts it. Rejects with one sentence where the rights are missing. The caller disposes it. */
export async function startDocumentedNetwork(): Promise<DocumentedNetwork> {
  const made: (Disposable | AsyncDisposable)[] = []
  const keep = <T extends Disposable | AsyncDisposable>(thing: T): T => {
    made.unshift(thing)
    return thing
  }
  const dispose = async (): Promise<void> => {
    for (const thing of made.splice(0)) {
      await (Symbol.asyncDispose in thing ? thing[Symbol.asyncDispose]() : thing[Symbol.dispose]())
    }
  }
  try {
    const desk = keep(await createNetns())
    const edge = keep(await createNetns({ uplink: desk }))
    const deep = keep(await createNetns({ uplink: edge }))
    const home = scratchDir('documented-home')
    const bare = scratchDir('bare-home')
    keep(furnish(desk, { home, hosts: { gatewayhost: edge.address } }))
    keep(furnish(edge, { home: bare, hosts: { innerhost: '127.0.0.2', internalhost: deep.address } }))
    keep(furnish(deep, { home: bare, hosts: {} }))

    const userKey = await keyPair('documented-user')
    // What sshd logs at DEBUG1 once a command has begun comes out of the command's stderr.
    const config = ['LogLevel VERBOSE', 'PasswordAuthentication yes']
    const start = async (name: string, netns: Netns, options: SshdOptions): Promise<Sshd> =>
      keep(await startSshd({ name, hostname: name, netns, userKey, config, ...options }))
    const gatewayhost = await start('gatewayhost', edge, {})
    const innerhost = await start('innerhost', edge, { host: '127.0.0.2' })
    const internalhost = await start('internalhost', deep, {})

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
      run: (program, args, { env, ...options } = {}) =>
        runProgram('ip', ['netns', 'exec', desk.name, program, ...args], {
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

/** The password `made up`, as crypt(5) has it. */
const madeUp =
  '$6$sallyport$n1bjRz6in51kEVpPsxStoj1NzDvUXeL14d0aj6RAY1K9.3A0dapK4cY/E21asazk.7/VLEigGx3zWdE.3Ylzn/'

/**
 * Gives a namespace its own names of hosts and users: `ip netns exec` lays the files of /etc/netns/NAME over those of
 * /etc for the programs that it starts (ip-netns(8)). The programs of OpenSSH take their home from passwd, not HOME.
 */
function furnish(
  { name }: Netns,
  { home, hosts }: { readonly home: string; readonly hosts: Readonly<Record<string, string>> },
): Disposable {
  const directory = `/etc/netns/${name}`
  mkdirSync(directory, { recursive: true })
  const lines = Object.entries({ localhost: '127.0.0.1', ...hosts }).map(
    ([host, address]) => `${address} ${host}\n`,
  )
  writeFileSync(join(directory, 'hosts'), lines.join(''))
  writeFileSync(join(directory, 'resolv.conf'), '')
  const others = readFileSync('/etc/passwd', 'utf8').replace(/^root:.*\n/m, '')
  const own = [
    `root:x:0:0:root:${home}:/bin/sh`,
    'ops:x:20001:20001::/:/bin/sh',
    'jump:x:20002:20002::/:/bin/sh',
  ]
  const secrets = Object.entries({ root: '*', ops: madeUp, jump: '*' }).map(
    ([user, hash]) => `${user}:${hash}:1::::::\n`,
  )
  writeFileSync(join(directory, 'passwd'), `${own.join('\n')}\n${others}`)
  writeFileSync(join(directory, 'shadow'), secrets.join(''), { mode: 0o600 })
  return {
    [Symbol.dispose]() {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
