// A real sshd before the target, with the target's keys, that can be restarted as itself.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, untilAnswered } from '../../bench/servers.js'

/**
 * Starts it on a port of its own. `servers` are those of the benchmarks, with one target.
 *
 * @param {Awaited<ReturnType<import('../../bench/servers.js').startServers>>} servers
 */
export async function startGateway(servers) {
  const [target] = servers.ports
  const port = await freePort()
  const text = readFileSync(join(servers.home, `sshd_config-${target}`), 'utf8')
  const config = join(servers.home, `sshd_config-${port}`)
  writeFileSync(config, text.replace(`:${target}`, `:${port}`))
  const known = readFileSync(servers.knownHostsFile, 'utf8')
  appendFileSync(servers.knownHostsFile, known.replace(`:${target}`, `:${port}`))
  const gateway = new Gateway(port, config)
  await gateway.start()
  return gateway
}

class Gateway {
  #config
  #child

  constructor(port, config) {
    this.port = port
    this.#config = config
  }

  async start() {
    const sshd = ['--pdeathsig', 'KILL', '/usr/sbin/sshd', '-D', '-f', this.#config]
    this.#child = spawn('setpriv', sshd, { stdio: 'ignore' })
    await untilAnswered(this.port)
  }

  /** Ends it with all its connections, at once; resolves when they are gone. */
  async stop() {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    const family = descendantsOf(pid)
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
    for (const each of family) {
      try {
        process.kill(each, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    while (family.some(isRunning)) await delay(5)
  }
}

/** The processes that a process has started, and those that they have. */
function descendantsOf(pid) {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
  return children.flatMap((child) => [Number(child), ...descendantsOf(Number(child))])
}

/** A zombie has closed all that it had. */
function isRunning(pid) {
  try {
    return !/^State:\sZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function parentOf(pid) {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    )
  } catch {
    return undefined
  }
}
