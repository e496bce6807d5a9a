// Tunnels that stand while they are measured: ssh's own and ours, each a process with the same flags and the same file
// of configuration, through 0 to 2 gateways.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort, untilAnswered } from './servers.js'

const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const withoutAddon = fileURLToPath(new URL('../test/support/without-addon.cjs', import.meta.url))
const address = '127.0.0.1'

/** The programs that tunnel, each with what it takes before its flags. */
export const tunnelers = {
  ssh: ['ssh', '-N'],
  sallyport: [process.execPath, command, 'forward', '--no-config'],
  'sallyport without the addon': [
    process.execPath,
    '--require',
    withoutAddon,
    command,
    'forward',
    '--no-config',
  ],
}

/**
 * Starts every program through every number of gateways, each with `-L` to the peer and `-D`. Resolves when all listen.
 *
 * @param {{ readonly config: string, readonly peerPort: number, readonly mostGateways: number }} request
 */
export async function openTunnels({ config, peerPort, mostGateways }) {
  const tunnels = new Tunnels()
  try {
    for (let gateways = 0; gateways <= mostGateways; gateways++) {
      for (const name of Object.keys(tunnelers)) {
        await tunnels.open({ name, gateways, config, peerPort })
      }
    }
  } catch (error) {
    await tunnels.close()
    throw error
  }
  return tunnels
}

class Tunnels {
  /** Each with the ports of its `-L` and its `-D`. */
  all = []
  #children = []

  async open({ name, gateways, config, peerPort }) {
    const [forward, socks] = [await freePort(), await freePort()]
    const jumps = ['server0', 'server1'].slice(0, gateways)
    const [program, ...first] = tunnelers[name]
    const flags = [
      ...['-F', config, ...(gateways === 0 ? [] : ['-J', jumps.join(',')])],
      ...['-L', `${address}:${forward}:${address}:${peerPort}`, '-D', `${address}:${socks}`],
    ]
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...first, ...flags, 'server3'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    this.#children.push(child)
    this.all.push({ name, gateways, forward, socks })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${code} before it listened`)
    })
    ended.catch(() => {})
    await Promise.race([Promise.all([untilAnswered(forward), untilAnswered(socks)]), ended])
  }

  async close() {
    for (const child of this.#children) {
      const isRunning = child.exitCode === null && child.signalCode === null
      if (isRunning && child.kill()) await once(child, 'exit')
    }
  }
}
