// Real OpenSSH servers on loopback, and what both sides need to log in to them: the same key, the same known_hosts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runProgram } from './run-program.js'

const address = '127.0.0.1'

/**
 * Starts that many servers, each on a port of its own. `stop` ends them; their files go with this process.
 *
 * @param {number} count
 */
export async function startServers(count) {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const servers = new Servers(directory)
  try {
    await servers.start(count)
  } catch (error) {
    await servers.stop()
    throw error
  }
  return servers
}

class Servers {
  user = userInfo().username
  /** The port of each, in the order in which they are visited; the last one is the target. */
  ports = []
  /** A home directory whose .ssh has what it takes. */
  home
  #children = []

  constructor(home) {
    this.home = home
    process.once('exit', () => rmSync(home, { recursive: true, force: true }))
  }

  get host() {
    return address
  }

  get identityFile() {
    return join(this.home, '.ssh', 'id_ed25519')
  }

  get knownHostsFile() {
    return join(this.home, '.ssh', 'known_hosts')
  }

  /** The options of a Connection to the server on that port. */
  options(port) {
    return {
      port,
      user: this.user,
      identityFile: [this.identityFile],
      identityAgent: 'none',
      userKnownHostsFile: [this.knownHostsFile],
      globalKnownHostsFile: [],
    }
  }

  /**
   * A file for `ssh -F` in which the servers are called server0, server1, …: with `-J`, ssh starts further ones, which
   * get this file and nothing else of the command line.
   */
  writeSshConfig(name, lines) {
    const file = join(this.home, name)
    const hosts = this.ports.map((port, index) => `Host server${index}\n  Port ${port}`)
    const common = [
      `HostName ${address}`,
      `User ${this.user}`,
      `IdentityFile ${this.identityFile}`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${this.knownHostsFile}`,
      'GlobalKnownHostsFile none',
      'StrictHostKeyChecking yes',
      'BatchMode yes',
      'LogLevel ERROR',
    ]
    writeFileSync(file, [...lines, 'Host *', ...common, ...hosts, ''].join('\n'))
    return file
  }

  async start(count) {
    mkdirSync(join(this.home, '.ssh'), { mode: 0o700 })
    const hostKey = join(this.home, 'host_key')
    for (const file of [hostKey, this.identityFile]) {
      await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
    }
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
    for (let index = 0; index < count; index++) await this.#startOne(hostKey)
    const key = readFileSync(`${hostKey}.pub`, 'utf8')
    writeFileSync(this.knownHostsFile, this.ports.map((port) => `[${address}]:${port} ${key}`).join(''))
  }

  async #startOne(hostKey) {
    const port = await freePort()
    const config = join(this.home, `sshd_config-${port}`)
    const lines = [
      `ListenAddress ${address}:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${this.identityFile}.pub`,
      // 50 connections at a time begin here; by default sshd drops them at random from 10 on.
      'MaxStartups 1000',
      // A shell that reads no files of the user's: what stands in them is not what is measured.
      `SetEnv HOME=${this.home}`,
      'PidFile none',
      'UsePAM no',
      'UseDNS no',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PrintMotd no',
      'PrintLastLog no',
      'Subsystem sftp internal-sftp',
      'LogLevel ERROR',
    ]
    writeFileSync(config, `${lines.join('\n')}\n`)
    const log = join(this.home, `log-${port}`)
    const args = ['-D', '-f', config, '-E', log]
    // setpriv lets a server end with a benchmark that is killed.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', sshdPath(), ...args], { stdio: 'ignore' })
    this.#children.push(child)
    this.ports.push(port)
    await Promise.race([untilAnswered(port), endedEarly(child, log)])
  }

  async stop() {
    for (const child of this.#children) {
      const isRunning = child.pid !== undefined && child.exitCode === null && child.signalCode === null
      if (isRunning && child.kill()) await once(child, 'exit')
    }
  }
}

/** A port of the loopback address on which nothing listens. */
export async function freePort() {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** With its whole path, without which sshd does not start. */
function sshdPath() {
  return (
    ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path)) ?? 'sshd'
  )
}

/** Resolves when something listens on that port of the loopback address. */
export async function untilAnswered(port) {
  for (let tries = 0; tries < 250; tries++) {
    const socket = connect(port, address)
    try {
      await once(socket, 'connect')
      return
    } catch {
      await delay(20)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(`no sshd answers on ${address}:${port}`)
}

async function endedEarly(child, log) {
  await once(child, 'exit')
  throw new Error(`sshd did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : 'it left no log'}`)
}
