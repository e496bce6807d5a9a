// The time to a first result: from nothing open to the output of a command, through 0 to 3 gateways.

import { fileURLToPath } from 'node:url'
import { Connection } from 'sallyport'
import { measure } from './measure.js'
import { compare } from './ratio.js'
import { runProgram } from './run-program.js'

const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

/** What is expected of a program that uses the library, against ssh with the same key exchange. */
const atMost = [undefined, 0.75, 0.85, 0.85]

export async function benchConnect(servers, { rounds }) {
  const likeForLike = servers.writeSshConfig('ssh_curve25519', ['KexAlgorithms curve25519-sha256'])
  const asItComes = servers.writeSshConfig('ssh_default', [])
  const ways = atMost.map((_, gateways) => ({ gateways, name: nameOf(gateways) }))

  const medians = await measure(
    ways.flatMap(({ gateways, name }) => [
      { name: `in process, ${name}`, run: () => inProcess(servers, gateways) },
      { name: `command line, ${name}`, run: () => onCommandLine(servers, gateways) },
      { name: `ssh curve25519, ${name}`, run: () => ssh(likeForLike, gateways) },
      { name: `ssh default, ${name}`, run: () => ssh(asItComes, gateways) },
    ]),
    { rounds },
  )

  const rows = ['in process', 'command line'].flatMap((ours) =>
    ['ssh curve25519', 'ssh default'].flatMap((theirs) =>
      ways.map(({ gateways, name }) =>
        compare(medians, {
          ours: `${ours}, ${name}`,
          theirs: `${theirs}, ${name}`,
          ...(ours === 'in process' && theirs === 'ssh curve25519' && { atMost: atMost[gateways] }),
        }),
      ),
    ),
  )
  return { title: 'Time to the first result, by gateways on the way (ssh with gateways is ssh -J)', rows }
}

function nameOf(gateways) {
  return gateways === 0 ? 'directly' : `${gateways} gateway${gateways === 1 ? '' : 's'}`
}

/** The first servers are the gateways; the target is always the last one. */
function routeThrough(names, gateways) {
  return [...names.slice(0, gateways), ...names.slice(-1)]
}

async function inProcess(servers, gateways) {
  const opened = []
  for (const port of routeThrough(servers.ports, gateways)) {
    opened.push(new Connection(servers.host, { ...servers.options(port), gateway: opened.at(-1) ?? false }))
  }
  expectReady((await opened.at(-1).run('echo ready')).stdout)
  return async () => {
    for (const connection of opened.reverse()) await connection.close()
  }
}

// With a home of its own, in which the key and the known_hosts are found by themselves, for each hop.
async function onCommandLine(servers, gateways) {
  const [target, ...jumps] = routeThrough(servers.ports, gateways)
    .map((port) => `${servers.user}@${servers.host}:${port}`)
    .reverse()
  const jump = gateways === 0 ? [] : ['-J', jumps.reverse().join(',')]
  const env = { ...process.env, HOME: servers.home, SSH_AUTH_SOCK: undefined }
  const args = [command, 'run', ...jump, target, '--', 'echo', 'ready']
  expectReady((await runProgram(process.execPath, args, { env })).stdout)
}

async function ssh(config, gateways) {
  const names = ['server0', 'server1', 'server2'].slice(0, gateways)
  const jump = gateways === 0 ? [] : ['-J', names.join(',')]
  expectReady((await runProgram('ssh', ['-F', config, ...jump, 'server3', 'echo', 'ready'])).stdout)
}

function expectReady(output) {
  if (output !== 'ready\n') throw new Error(`the command said ${JSON.stringify(output)}`)
}
