// The same command on many hosts behind one gateway, 50 at a time: a Group, and `sallyport run -H` as a command, against
// ssh with ControlMaster, Fabric's ThreadingGroup and AsyncSSH. All read the same ssh_config, begin with nothing open,
// and open the gateway within the time.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Group } from 'sallyport'
import { measure } from './measure.js'
import { compare } from './ratio.js'
import { runProgram } from './run-program.js'

const atOnce = 50
/** For each size: how many rounds of those that are asked for, since ssh takes long. */
const sizes = [
  { size: 200, share: 1 },
  { size: 500, share: 1 / 3 },
]
const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

export async function benchGroup(servers, { rounds }) {
  const rows = []
  for (const { size, share } of sizes) {
    const some = { rounds: Math.max(1, Math.round(rounds * share)) }
    rows.push(...(await onServers(servers, size, some)), ...(await onNetwork(servers.home, size, some)))
  }
  return { title: `one command on many hosts behind one gateway, ${atOnce} at a time`, rows }
}

/** Real servers, each of which is many hosts by name. */
async function onServers(servers, size, { rounds }) {
  const names = namesOf(size)
  const [, ...targets] = servers.ports
  const hosts = names.flatMap((name, index) => [`Host ${name}`, `  Port ${targets[index % targets.length]}`])
  const config = servers.writeSshConfig(`ssh_group_${size}`, [
    'KexAlgorithms curve25519-sha256',
    ...controlled('server0', servers.home),
    ...hosts,
  ])
  const work = { config, knownHosts: servers.knownHostsFile, gateway: 'server0', names }
  const title = (who) => `${size} servers, ${who}`
  const medians = await measure(
    [
      { name: title('Group'), run: () => byGroup(work) },
      { name: title('sallyport run -H'), run: () => byCommand(work) },
      { name: title('ssh, ControlMaster'), run: () => bySsh(work) },
      { name: title('Fabric ThreadingGroup'), run: () => byFabric(work) },
      { name: title('AsyncSSH'), run: () => byAsyncSsh(work) },
    ],
    { rounds },
  )
  const against = (ours, theirs, atMost) =>
    compare(medians, { ours: title(ours), theirs: title(theirs), ...(atMost && { atMost }) })
  return [
    against('Group', 'ssh, ControlMaster', 0.35),
    against('sallyport run -H', 'ssh, ControlMaster', 0.35),
    against('sallyport run -H', 'Fabric ThreadingGroup'),
    against('sallyport run -H', 'AsyncSSH'),
  ]
}

/** The embedded network in a process of its own, which costs both sides little. */
async function onNetwork(home, size, { rounds }) {
  const program = fileURLToPath(new URL('./network.js', import.meta.url))
  const child = spawn(process.execPath, [program, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  try {
    const [line] = await once(child.stdout, 'data')
    const files = JSON.parse(line)
    const config = join(home, `ssh_network_${size}`)
    const lines = ['KexAlgorithms curve25519-sha256', ...controlled('gatewayhost', home), 'Host *']
    writeFileSync(config, `${lines.join('\n')}\n${readFileSync(files.sshConfig, 'utf8')}`)
    const work = { config, gateway: 'gatewayhost', names: namesOf(size) }
    const title = (who) => `${size} embedded hosts, ${who}`
    const medians = await measure(
      [
        { name: title('Group'), run: () => byGroup(work) },
        { name: title('ssh, ControlMaster'), run: () => bySsh(work) },
      ],
      { rounds },
    )
    return [compare(medians, { ours: title('Group'), theirs: title('ssh, ControlMaster'), atMost: 0.35 })]
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

function namesOf(size) {
  return Array.from({ length: size }, (_, index) => `host${index}`)
}

function controlled(host, home) {
  const path = `  ControlPath ${join(home, `control-${host}`)}`
  return [`Host ${host}`, '  ControlMaster auto', '  ControlPersist 60', path]
}

async function byGroup({ config, gateway, names }) {
  const connection = { proxyJump: gateway, sshConfig: config, config: false }
  const group = new Group(names, { connection, parallel: atOnce })
  await group.run('true').results()
  return () => group.close()
}

async function byCommand({ config, gateway, names }) {
  const flags = ['--no-config', '-F', config, '-J', gateway, '--parallel', String(atOnce)]
  await runProgram(process.execPath, [command, 'run', ...flags, '-H', names.join(','), '--', 'true'])
}

async function bySsh({ config, gateway, names }) {
  await runProgram('ssh', ['-F', config, gateway, 'true'])
  let next = 0
  const worker = async () => {
    while (next < names.length) await runProgram('ssh', ['-F', config, '-J', gateway, names[next++], 'true'])
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return () => runProgram('ssh', ['-F', config, '-O', 'exit', gateway])
}

async function byFabric({ config, gateway, names }) {
  await runProgram(python, [peer('fabric-group.py'), config, gateway, ...names])
}

async function byAsyncSsh({ config, knownHosts, gateway, names }) {
  await runProgram(python, [peer('asyncssh-group.py'), config, knownHosts, String(atOnce), gateway, ...names])
}

/** Debian's, whose packages are meant; another Python in the PATH would not have them. */
const python = '/usr/bin/python3'

function peer(name) {
  return fileURLToPath(new URL(`./peers/${name}`, import.meta.url))
}
