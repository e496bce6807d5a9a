// `npm run soak`: minutes of work on real servers, through a gateway that is restarted again and again. Checks that each
// failure has a code and a hop, that the connection opens again on its next use, and that nothing grows. Ends with 1
// when one of that does not hold.
//   --minutes n   one command each second through two hops, the gateway restarted each 30 seconds; default 5
//   --execs n     so many commands in sequence on one connection before that; default 10000
// It runs what was built: `npm run build` comes first.

import { parseArgs } from 'node:util'
import { startServers } from '../bench/servers.js'
import { startGateway } from './soak/gateway.js'
import { formatReport } from './soak/report.js'
import { runThroughRestarts } from './soak/restarts.js'
import { runInSequence } from './soak/sequence.js'
import { missingPrograms } from './test-programs.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    execs: { type: 'string', default: '10000' },
  },
})
const minutes = Number(values.minutes)
const execs = Number(values.execs)
if (!(minutes > 0) || !Number.isInteger(execs) || execs < 1) throw new Error('give numbers above 0')

const missing = missingPrograms()
if (missing.length > 0) throw new Error(`the soak runs real OpenSSH: install ${missing.join(', ')}`)
process.env.SALLYPORT_SSH_CONFIG = 'none'
process.env.SALLYPORT_CONFIG = 'none'
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const servers = await startServers(1)
const gateway = await startGateway(servers)
try {
  const parts = [
    await runInSequence(servers, execs),
    await runThroughRestarts({ servers, gateway, minutes, restartEachMs: 30_000 }),
  ]
  console.log(formatReport(parts))
  if (parts.some(({ checks }) => checks.some(({ holds }) => !holds))) process.exitCode = 1
} finally {
  await gateway.stop()
  await servers.stop()
}
