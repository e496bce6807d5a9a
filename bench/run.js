// `npm run bench`: measures Sallyport against OpenSSH on this machine and prints ratios. README.md says how to read them.
// Ends with 0 whatever the ratios are; anything else means that something broke.
//   --only p  one part alone: start-up, resolve, connect, fan-out, group, forward, throughput, neighbours, transfer
//   --quick   few repetitions: a glance, not a measurement
//   --json    one JSON document in place of the tables

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { missingPrograms } from '../scripts/test-programs.js'
import { benchConnect } from './connect.js'
import { benchFanOut } from './fan-out.js'
import { benchForward } from './forward.js'
import { benchGroup } from './group.js'
import { benchNeighbours } from './neighbours.js'
import { formatTable } from './ratio.js'
import { benchResolve } from './resolve.js'
import { runProgram } from './run-program.js'
import { startServers } from './servers.js'
import { benchStartUp } from './start-up.js'
import { benchThroughput } from './throughput.js'
import { benchTransfer } from './transfer.js'

const { quick, json, only } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
}).values

const missing = missingPrograms()
if (missing.length > 0) throw new Error(`the benchmarks run real OpenSSH: install ${missing.join(', ')}`)

const machine = {
  node: process.version,
  openssh: (await runProgram('ssh', ['-V'])).stderr.trim(),
  cores: availableParallelism(),
}
say(`Node ${machine.node}, ${machine.openssh}, ${machine.cores} cores; medians of interleaved runs\n`)

const parts = []
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const servers = await startServers(4)
try {
  for (const [name, bench, rounds] of [
    ['start-up', benchStartUp, quick ? 7 : 31],
    ['resolve', benchResolve, quick ? 3 : 9],
    ['connect', benchConnect, quick ? 5 : 21],
    ['fan-out', benchFanOut, quick ? 3 : 9],
    ['group', benchGroup, quick ? 1 : 6],
    ['forward', benchForward, quick ? 3 : 11],
    ['throughput', benchThroughput, quick ? 3 : 9],
    ['neighbours', benchNeighbours, quick ? 3 : 9],
    ['transfer', benchTransfer, quick ? 2 : 5],
  ]) {
    if (only !== undefined && only !== name) continue
    const { title, rows } = await bench(servers, { rounds, quick })
    parts.push({ title, rounds, rows })
    say(`${title}; ${rounds} rounds\n\n${formatTable(rows)}\n`)
  }
} finally {
  await servers.stop()
}
if (json) console.log(JSON.stringify({ ...machine, parts }, null, 2))

function say(text) {
  if (!json) console.log(text)
}
