// Many connections behind one gateway: 200 of them, 50 at a time, each running `true` and closing. Both sides begin with
// nothing open, and both open the gateway once, ahead of the first of them and within the time.

import { Connection } from 'sallyport'
import { measure } from './measure.js'
import { compare } from './ratio.js'
import { runProgram } from './run-program.js'

const connections = 200
const atOnce = 50
const ours = 'one gateway Connection'
const theirs = 'ssh -J, ControlMaster'

export async function benchFanOut(servers, { rounds }) {
  const config = servers.writeSshConfig('ssh_control_master', [
    'KexAlgorithms curve25519-sha256',
    'Host server0',
    '  ControlMaster auto',
    '  ControlPersist 60',
    `  ControlPath ${servers.home}/control`,
  ])
  const medians = await measure(
    [
      { name: ours, run: () => throughConnection(servers) },
      { name: theirs, run: () => throughControlMaster(config) },
    ],
    { rounds },
  )
  const title = `${connections} connections behind one gateway, ${atOnce} at a time`
  return { title, rows: [compare(medians, { ours, theirs, atMost: 0.35 })] }
}

async function throughConnection(servers) {
  const [gatewayPort, ...targetPorts] = servers.ports
  const gateway = new Connection(servers.host, { ...servers.options(gatewayPort), gateway: false })
  await gateway.open()
  await forEach(async (index) => {
    const port = targetPorts[index % targetPorts.length]
    const connection = new Connection(servers.host, { ...servers.options(port), gateway })
    await connection.run('true')
    await connection.close()
  })
  return () => gateway.close()
}

async function throughControlMaster(config) {
  await runProgram('ssh', ['-F', config, 'server0', 'true'])
  await forEach(async (index) => {
    await runProgram('ssh', ['-F', config, '-J', 'server0', `server${1 + (index % 3)}`, 'true'])
  })
  return () => runProgram('ssh', ['-F', config, '-O', 'exit', 'server0'])
}

/** Does the work for each index, `atOnce` at a time. */
async function forEach(work) {
  let next = 0
  const worker = async () => {
    while (next < connections) await work(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
