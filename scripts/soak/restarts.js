// One command each second through two hops, while the gateway is restarted again and again.

import { setTimeout as delay } from 'node:timers/promises'
import { Connection, SallyportError } from '../../dist/index.js'
import { Growth } from './growth.js'

export async function runThroughRestarts({ servers, gateway, minutes, restartEachMs }) {
  const through = new Connection(servers.host, servers.options(gateway.port))
  const host = new Connection(servers.host, { ...servers.options(servers.ports[0]), gateway: through })
  const growth = new Growth()
  const tally = { good: 0, codes: new Map(), untyped: [], restarts: 0, reopened: 0, notReopened: [] }
  const runs = new Set()
  const endsAt = performance.now() + minutes * 60_000
  let restartAt = performance.now() + restartEachMs / 2
  let restarting
  try {
    for (let second = 1; performance.now() < endsAt; second++) {
      const run = runOne(host, tally).finally(() => runs.delete(run))
      runs.add(run)
      if (performance.now() >= restartAt) {
        restartAt += restartEachMs
        restarting = restart({ gateway, host, tally })
      }
      await delay(1000)
      if (second % 3 === 0) {
        await restarting
        growth.sample()
      }
    }
    await restarting
    await Promise.all(runs)
    growth.sample()
  } finally {
    await host.close()
    await through.close()
  }
  return {
    title: `one command each second for ${minutes} min, through a gateway`,
    checks: [...checksOf(tally), ...growth.checks()],
  }
}

// Half of them are running when the gateway goes.
async function runOne(host, tally) {
  try {
    await host.run('sleep 0.5', { timeoutMs: 20_000 })
    tally.good += 1
  } catch (error) {
    const isTyped = error instanceof SallyportError && error.hop !== undefined
    if (isTyped) tally.codes.set(error.code, (tally.codes.get(error.code) ?? 0) + 1)
    else tally.untyped.push(String(error))
  }
}

async function restart({ gateway, host, tally }) {
  await gateway.stop()
  tally.restarts += 1
  await gateway.start()
  try {
    await host.run('true', { timeoutMs: 20_000 })
    tally.reopened += 1
  } catch (error) {
    tally.notReopened.push(String(error))
  }
}

function checksOf({ good, codes, untyped, restarts, reopened, notReopened }) {
  const failures = [...codes].map(([code, count]) => `${count} ${code}`)
  const failed = [...codes.values()].reduce((sum, count) => sum + count, 0)
  return [
    {
      text: `${good} good, ${failed} failed: ${failures.join(', ') || 'none'}`,
      holds: good > 0 && failed <= 3 * restarts,
    },
    {
      text: `failures without a code or a hop: ${untyped.join('; ') || 'none'}`,
      holds: untyped.length === 0,
    },
    {
      text: `${restarts} restarts, after ${reopened} of which the next command ran ${notReopened.join('; ')}`.trim(),
      holds: restarts > 0 && reopened === restarts,
    },
  ]
}
