import { expect, test } from 'vitest'
import { Connection, type Dialer, Group, type Outcome, SallyportError } from '../../src/index.js'
import { createNetwork, type Faults, type HostDescription, type Network } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'

leakCheck()

const names = Array.from({ length: 500 }, (_, index) => `host${index}`)

/** A bastion that reaches five hundred hosts. */
function bigNetwork(describe: (index: number) => HostDescription): Promise<Network> {
  const hosts = names.map((name, index) => [name, describe(index)] as const)
  return createNetwork({
    hosts: { bastion: { listen: true, reaches: ['*'] }, ...Object.fromEntries(hosts) },
  })
}

function throughBastion(network: Network, gateway: Dialer = network.dialer): Connection {
  return new Connection('bastion', { ...network.settings, user: 'ops', gateway })
}

/** `succeeded`, or the code of the error and the host that it blames. */
function brief(outcome: Outcome<unknown>): string {
  if (outcome.status !== 'failed') return outcome.status
  const { error } = outcome
  return error instanceof SallyportError ? `${error.code} at ${error.hop?.host}` : String(error)
}

const wrong: Readonly<Record<number, { readonly faults: Faults; readonly code: string }>> = {
  1: { faults: { connection: 'refuse' }, code: 'CONNECTION_REFUSED' },
  4: { faults: { connection: 'hang' }, code: 'TIMEOUT' },
  7: { faults: { hostKey: 'changed' }, code: 'HOST_KEY_CHANGED' },
}

test('500 hosts, of which 10 % refuse, 10 % hang and 10 % have a wrong key, give the right 500 outcomes in their order, over one connection to the bastion, in little more than the limit', {
  timeout: 90_000,
}, async () => {
  await using network = await bigNetwork((index) => ({ faults: wrong[index % 10]?.faults ?? {} }))
  await using gateway = throughBastion(network)
  const connectTimeoutMs = 3000
  await using group = new Group(names, {
    connection: { ...network.settings, user: 'ops', gateway, connectTimeoutMs },
    parallel: 60,
  })
  const startedAt = performance.now()
  const outcomes = await group.run('hostname').outcomes()
  const tookMs = performance.now() - startedAt
  const expected = names.map((name, index) => {
    const code = wrong[index % 10]?.code
    return code === undefined ? 'succeeded' : `${code} at ${name}`
  })
  expect(outcomes.map(brief)).toEqual(expected)
  expect(outcomes.filter(({ status }) => status === 'succeeded')).toHaveLength(350)
  const said = outcomes.flatMap((each) => (each.status === 'succeeded' ? each.value.stdout.trim() : []))
  expect(said).toEqual(names.filter((_, index) => wrong[index % 10] === undefined))
  // The silent hosts are waited for side by side.
  const waits = outcomes.filter((_, index) => index % 10 === 4).map(({ durationMs }) => durationMs)
  expect(Math.min(...waits)).toBeGreaterThan(connectTimeoutMs - 10)
  expect(tookMs).toBeLessThan(waits.reduce((sum, wait) => sum + wait) / 4)
  const { log } = network.host('bastion')
  expect(log.filter(({ event }) => event === 'connected')).toHaveLength(1)
  expect(log.filter(({ event }) => event === 'channel')).toHaveLength(500)
  expect(names.map((name) => network.host(name).connections).filter((count) => count > 0)).toEqual([])
})

test('a bastion that dies at the 250th member fails the others at once, and is dialled once more', {
  timeout: 90_000,
}, async () => {
  await using network = await bigNetwork(() => ({}))
  let dials = 0
  const dialer: Dialer = {
    dial(address, options) {
      dials += 1
      return network.dialer.dial(address, options)
    },
  }
  await using gateway = throughBastion(network, dialer)
  await using group = new Group(names, { connection: { ...network.settings, user: 'ops', gateway } })
  const bastion = network.host('bastion')
  const done: string[] = []
  const work = group.run('hostname')
  for await (const { member, status } of work) {
    if (status === 'succeeded') done.push(member.host)
    if (done.length === 250) break
  }
  const diedAt = performance.now()
  bastion.fault({ connection: 'refuse' })
  bastion.disconnect()
  const outcomes = await work.outcomes()
  const tookMs = performance.now() - diedAt
  const codes = new Map<string, number>()
  for (const outcome of outcomes) codes.set(brief(outcome), (codes.get(brief(outcome)) ?? 0) + 1)
  expect(codes.get('succeeded')).toBeGreaterThanOrEqual(250)
  expect(codes.get('succeeded')).toBeLessThan(260)
  expect([...codes.keys()].filter((key) => key !== 'succeeded' && !key.endsWith(' at bastion'))).toEqual([])
  expect(dials).toBe(2)
  expect(tookMs).toBeLessThan(5000)
})
