// A proxy from Debian as a child of the test, on a loopback address of its own, gone with the test process.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { RigLog } from './rig-log.js'

export interface ProxyProcess extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly log: RigLog
  /** `host:port` of each connection that it was asked for, in order. */
  asked(): readonly string[]
  /** Kills it and all its connections. Idempotent. */
  stop(): Promise<void>
}

export interface ProxyProgram {
  readonly program: string
  readonly args: readonly string[]
  readonly host: string
  readonly port: number
  /** Finds, in its first group, where a line of the log says that a connection was asked for to. */
  readonly asked: RegExp
  /** A program and its arguments that start the proxy, as `ip netns exec`; then nobody waits until it listens. */
  readonly under?: readonly string[]
}

/** Starts it, and waits until it listens. */
export async function startProxyProcess(options: ProxyProgram): Promise<ProxyProcess> {
  const { program, args, host, port, asked, under = [] } = options
  const log = new RigLog(`${program} on ${host}:${port}`)
  const [first = '', ...rest] = [...under, 'setpriv', '--pdeathsig', 'KILL', program, ...args]
  const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  child.on('error', (error) => log.append(`${error.message}\n`))
  child.stdout.on('data', (text: Buffer) => log.append(text.toString()))
  log.follow(child.stderr)
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    child.stdout.destroy()
    child.stderr.destroy()
  }
  for (let tries = 0; under.length === 0 && !(await listens(host, port)); tries++) {
    if (tries > 500 || child.exitCode !== null) {
      await stop()
      throw new Error(`${program} does not listen:\n${log.tail()}`)
    }
    await delay(10)
  }
  return {
    host,
    port,
    log,
    asked: () => log.lines().flatMap(({ text }) => asked.exec(text)?.[1] ?? []),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Such programs say nothing when they are ready. */
async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
