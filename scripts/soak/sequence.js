// Many commands in sequence on one connection.

import { Connection } from '../../dist/index.js'
import { Growth } from './growth.js'

/** @param {number} execs */
export async function runInSequence(servers, execs) {
  const host = new Connection(servers.host, servers.options(servers.ports[0]))
  const growth = new Growth()
  const each = Math.max(1, Math.floor(execs / 50))
  let opened = 0
  const begunAt = performance.now()
  try {
    for (let index = 0; index < execs; index++) {
      if (index % each === 0) growth.sample()
      if (host.state !== 'open') opened += 1
      const { stdout } = await host.run(`echo ${index}`)
      if (stdout !== `${index}\n`) throw new Error(`command ${index} gave ${JSON.stringify(stdout)}`)
    }
    growth.sample()
  } finally {
    await host.close()
  }
  const seconds = (performance.now() - begunAt) / 1000
  return {
    title: `${execs} commands in sequence, in ${seconds.toFixed(0)} s`,
    checks: [{ text: 'all on one connection', holds: opened === 1 }, ...growth.checks()],
  }
}
