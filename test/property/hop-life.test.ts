// The life of hops under every order of use: random schedules of opens, commands, closes, losses and aborts on one
// gateway and two targets of the embedded network. Nothing may stay pending, be told twice, or be left behind.

import { channel } from 'node:diagnostics_channel'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Connection, type HopEnd, type HopEvent, SallyportError } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'
import { tempHome } from '../support/temp-home.js'

const boundMs = 5000
const names = ['gate', 'left', 'right'] as const
type Name = (typeof names)[number]

type Step =
  | { readonly act: 'open' | 'run' | 'hang' | 'spawn'; readonly on: Name }
  | { readonly act: 'aborted open' | 'aborted run'; readonly on: Name; readonly afterMs: number }
  | { readonly act: 'hurried open'; readonly on: Name; readonly timeoutMs: number }
  | { readonly act: 'close' | 'lose'; readonly on: Name }
  | { readonly act: 'wait'; readonly ms: number }
  | { readonly act: 'rest' }

const on = fc.constantFrom(...names)
const shortMs = fc.constantFrom(0, 1, 2, 4, 8, 12, 20)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ act: fc.constantFrom('open', 'run', 'hang', 'spawn'), on }),
  fc.record({ act: fc.constantFrom('aborted open', 'aborted run'), on, afterMs: shortMs }),
  fc.record({ act: fc.constant('hurried open'), on, timeoutMs: shortMs }),
  fc.record({ act: fc.constantFrom('close', 'lose'), on }),
  fc.record({ act: fc.constant('wait'), ms: shortMs }),
  fc.constant({ act: 'rest' } as const),
)

let network: Network
beforeAll(async () => {
  network = await createNetwork({
    hosts: {
      gate: { listen: true, reaches: ['left', 'right'], commands: program },
      left: { commands: program },
      right: { commands: program },
    },
  })
})
afterAll(() => network.close())

/** `hang` runs until its channel is closed. */
async function program(command: string, { signal }: { readonly signal: AbortSignal }): Promise<string> {
  if (command === 'hang' && !signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
  return 'done\n'
}

/** What one schedule did, and what came of it. */
class Trial implements AsyncDisposable {
  readonly connections: Readonly<Partial<Record<Name, Connection>>>
  readonly #calls: Promise<string>[] = []
  readonly #ends = new Map<Promise<HopEnd>, number>()

  constructor(connections: Readonly<Partial<Record<Name, Connection>>>) {
    this.connections = connections
  }

  take(step: Step): Promise<unknown> | undefined {
    if (step.act === 'wait') return delay(step.ms)
    if (step.act === 'rest') return this.rest()
    const connection = this.connections[step.on]
    if (step.act === 'lose') return void network.host(step.on).disconnect()
    if (connection === undefined) return undefined
    this.#watch(connection)
    const call = this.#start(connection, step)
    this.#calls.push(
      call.then(
        () => 'done',
        (error: unknown) => {
          if (error instanceof SallyportError && (error.code === 'CLOSED' || error.hop !== undefined))
            return error.code
          throw error
        },
      ),
    )
    this.#calls.at(-1)?.catch(() => {})
    return undefined
  }

  #start(connection: Connection, step: Exclude<Step, { act: 'wait' | 'rest' }>): Promise<unknown> {
    switch (step.act) {
      case 'open':
        return connection.open()
      case 'run':
        return connection.run('echo')
      case 'hang':
        return connection.run('hang', { timeoutMs: 30 })
      case 'spawn':
        return connection.spawn('hang').then((command) => command.close())
      case 'hurried open':
        return connection.open({ timeoutMs: step.timeoutMs })
      case 'aborted open':
        return aborting(step.afterMs, (signal) => connection.open({ signal }))
      case 'aborted run':
        return aborting(step.afterMs, (signal) => connection.run('hang', { signal }))
      case 'close':
        return connection.close()
      default:
        throw new Error(`no call: ${step.act}`)
    }
  }

  /** Counts how often each life that was seen has ended. */
  #watch(connection: Connection): void {
    const { closed } = connection
    if (this.#ends.has(closed)) return
    this.#ends.set(closed, 0)
    void closed.then(() => this.#ends.set(closed, (this.#ends.get(closed) ?? 0) + 1))
  }

  /** All calls so far have settled, within the bound; and what the connections say is what the hosts see. */
  async rest(): Promise<void> {
    const limit = new AbortController()
    const late = delay(boundMs, undefined, { signal: limit.signal }).then(() => {
      throw new Error('a call is still pending')
    })
    late.catch(() => {})
    await Promise.race([Promise.all(this.#calls), late]).finally(() => limit.abort())
    // A host that drops its connections counts them as gone in the next turn.
    await turn()
    await vi.waitFor(() => {
      for (const [name, connection] of Object.entries(this.connections)) {
        const seen = network.host(name).connections
        expect(['idle', 'open', 'closed', 'lost']).toContain(connection.state)
        expect(seen, `${name} is ${connection.state}`).toBe(connection.state === 'open' ? 1 : 0)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.connections).map((connection) => connection.close()))
  }

  async finish(): Promise<void> {
    await this[Symbol.asyncDispose]()
    await this.rest()
    for (const connection of Object.values(this.connections)) expect(connection.state).toBe('closed')
    await vi.waitFor(() => {
      for (const name of names) expect(network.host(name).connections).toBe(0)
    })
    expect([...this.#ends.values()].every((count) => count === 1)).toBe(true)
  }
}

async function aborting(afterMs: number, call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), afterMs)
  try {
    return await call(controller.signal)
  } finally {
    clearTimeout(timer)
  }
}

/** For each hop: an opening leads to `open` or `failed`, and an open hop ends once, as `closed` or `lost`. */
async function withHistory(use: () => Promise<void>): Promise<void> {
  const histories = new Map<string, string>()
  const note = (message: unknown): void => {
    const { hop, state } = message as HopEvent
    histories.set(hop.host, `${histories.get(hop.host) ?? ''}${state} `)
  }
  const events = channel('sallyport:hop')
  events.subscribe(note)
  try {
    await use()
  } finally {
    events.unsubscribe(note)
  }
  for (const [, history] of histories) expect(history).toMatch(/^(opening (failed |open (closed |lost )))*$/)
}

const borrowed = (): Trial['connections'] => {
  const settings = network.settings
  const gate = new Connection('gate', { ...settings, gateway: network.dialer })
  return {
    gate,
    left: new Connection('left', { ...settings, gateway: gate }),
    right: new Connection('right', { ...settings, gateway: gate }),
  }
}

const made = (): Trial['connections'] => {
  const { host, port } = network.address('gate')
  const proxyJump = `${host}:${port}`
  return {
    left: new Connection('left', { ...network.settings, proxyJump }),
    right: new Connection('right', { ...network.settings, proxyJump }),
  }
}

describe('whatever is done to hops, in whatever order', () => {
  leakCheck()

  test('a borrowed gateway and its tenants come to rest, and open again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        await withHistory(async () => {
          await using trial = new Trial(borrowed())
          for (const next of steps) await trial.take(next)
          await trial.rest()
          const { gate, left, right } = trial.connections
          for (const connection of [left, right, gate]) {
            expect((await connection?.run('echo'))?.stdout).toBe('done\n')
          }
          await left?.close()
          await right?.close()
          expect(gate?.state).toBe('open')
          await trial.finish()
        })
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('a gateway that configuration made lives as long as its users, and no longer', async () => {
    using home = tempHome()
    home.write('.ssh/id_ed25519', network.userKey.privateKey)
    home.write('.ssh/known_hosts', network.knownHosts)
    const gate = network.host('gate')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        await withHistory(async () => {
          await using trial = new Trial(made())
          for (const next of steps) await trial.take(next)
          await trial.rest()
          const { left, right } = trial.connections
          await Promise.all([left?.run('echo'), right?.run('echo')])
          expect(gate.connections).toBe(1)
          await left?.close()
          expect((await right?.run('echo'))?.stdout).toBe('done\n')
          expect(gate.connections).toBe(1)
          await right?.close()
          await vi.waitFor(() => expect(gate.connections).toBe(0))
          await trial.finish()
        })
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
