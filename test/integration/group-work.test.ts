import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Connection, Group, type GroupOptions, type Outcome } from '../../src/index.js'
import { createNetwork, type Network } from '../../src/testing/index.js'
import { leakCheck } from '../support/leak-check.js'

let network: Network

beforeAll(async () => {
  network = await createNetwork({
    hosts: {
      bastion: { listen: true, reaches: ['*'] },
      ...Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { commands: answer }])),
    },
  })
})
afterAll(() => network.close())
beforeEach(() => {
  for (const name of names) network.host(name).fault({})
})

leakCheck()

const names = ['a', 'b', 'c', 'd', 'e']

/** `wait` ends with the channel; `fail on x` fails there. */
function answer(command: string, { host, signal }: { readonly host: string; readonly signal: AbortSignal }) {
  if (command === 'wait')
    return new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(1)))
  if (command === `fail on ${host}`) return { stderr: 'it broke\n', exitCode: 3 }
  return `${host}\n`
}

/** Through a gateway that configuration made. */
function jumping(options: GroupOptions = {}): GroupOptions {
  const { settings, files } = network
  const connection = { ...settings, sshConfig: files.sshConfig, user: 'ops', proxyJump: 'ops@bastion' }
  return { ...options, connection: { ...connection, ...options.connection } }
}

function statuses(outcomes: readonly Outcome<unknown>[]): readonly string[] {
  return outcomes.map(({ status }) => status)
}

/** How many connections the host has seen since then. */
function connectionsTo(name: string): number {
  return network.host(name).log.filter(({ event }) => event === 'connected').length
}

describe('the connections of a group', () => {
  test('are open only while it works on them, and the gateway during all of the work', async () => {
    await using group = new Group(names, jumping({ parallel: 1 }))
    const before = connectionsTo('bastion')
    const work = group.map(() => names.filter((name) => network.host(name).connections > 0).join())
    expect(await work.results()).toEqual(names)
    expect(connectionsTo('bastion') - before).toBe(1)
    await expect.poll(() => network.host('bastion').connections).toBe(0)
  })

  test('that were passed in are borrowed, and stay as they are', async () => {
    await using connection = new Connection('a', jumping().connection)
    await using group = new Group([connection, 'b'], jumping())
    expect(await group.map(({ host }) => host).results()).toEqual(['a', 'b'])
    expect(connection.state).toBe('open')
  })

  test('are left to other work of the group that still uses them', async () => {
    await using group = new Group(['a'], jumping())
    let finish: () => void = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const long = group.map(async (connection) => {
      await finished
      return (await connection.run('hostname')).stdout
    })
    const before = connectionsTo('a')
    expect((await group.run('hostname').results()).map(({ stdout }) => stdout)).toEqual(['a\n'])
    finish()
    expect(await long.results()).toEqual(['a\n'])
    expect(connectionsTo('a') - before).toBe(1)
  })
})

describe('a member that fails', () => {
  test('is an outcome, and stops no other', async () => {
    network.host('b').fault({ hostKey: 'changed' })
    await using group = new Group([...names, '-bad'], jumping())
    const outcomes = await group.run('fail on d').outcomes()
    expect(statuses(outcomes)).toEqual(['succeeded', 'failed', 'succeeded', 'failed', 'succeeded', 'failed'])
    expect(outcomes[1]).toMatchObject({ member: { host: 'b' }, error: { code: 'HOST_KEY_CHANGED' } })
    expect(outcomes[3]).toMatchObject({
      error: { code: 'COMMAND_FAILED', exitCode: 3, stderr: 'it broke\n' },
    })
    expect(outcomes[5]).toMatchObject({ error: { code: 'INVALID_DESTINATION' } })
    const results = group.run('fail on d').results()
    await expect(results).rejects.toMatchObject({
      code: 'GROUP_FAILED',
      message: expect.stringMatching(/^3 of 6 hosts failed; b \(hop 2 of 2\): /),
    })
  })

  test('ends work that goes on only while all is well', async () => {
    network.host('b').fault({ connection: 'refuse' })
    await using group = new Group(names, jumping({ waves: { first: 1, then: '40%' }, stopAfterFailures: 1 }))
    const outcomes = await group.run('hostname').outcomes()
    expect(statuses(outcomes)).toEqual(['succeeded', 'failed', 'succeeded', 'skipped', 'skipped'])
    expect(outcomes[3]).toMatchObject({ reason: 'too many failures', durationMs: 0 })
  })

  test('of which nobody wants to know harms nothing', async () => {
    await using group = new Group(['a', '-bad'], jumping())
    group.run('fail on a')
    await group.run('fail on a').outcomes()
  })
})

test('who is running is told from the beginning of a turn, also of one that cannot be opened', async () => {
  network.host('b').fault({ version: 'never' })
  await using group = new Group(names, jumping({ parallel: 2 }))
  const controller = new AbortController()
  const work = group.run('hostname', { signal: controller.signal })
  let done = 0
  for await (const _ of work) if (++done === 4) break
  expect(work.running.map(({ host }) => host)).toEqual(['b'])
  controller.abort()
  await work.outcomes()
  expect(work.running).toEqual([])
})

describe('an end before the end', () => {
  test('stop lets run what runs, and skips the rest', async () => {
    await using group = new Group(names, jumping({ parallel: 2 }))
    const work = group.map(async ({ host }) => {
      if (host === 'a') work.stop()
      await delay(20)
    })
    const outcomes = await work.outcomes()
    expect(outcomes.filter(({ status }) => status === 'skipped').length).toBeGreaterThanOrEqual(3)
    expect(outcomes[0]).toMatchObject({ status: 'succeeded' })
    expect(outcomes[4]).toMatchObject({ status: 'skipped', reason: 'stopped' })
  })

  test('the signal aborts who is at work, and skips the rest', async () => {
    await using group = new Group(names, jumping({ parallel: 2 }))
    const controller = new AbortController()
    const work = group.run('wait', { signal: controller.signal })
    await Promise.all(['a', 'b'].map((name) => network.host(name).logged(isCommand('wait'))))
    const startedAt = performance.now()
    controller.abort(new Error('enough'))
    const outcomes = await work.outcomes()
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(statuses(outcomes)).toEqual(['failed', 'failed', 'skipped', 'skipped', 'skipped'])
    expect(outcomes[0]).toMatchObject({ error: { code: 'ABORT_ERR', hop: { host: 'a' } } })
    expect(outcomes[2]).toMatchObject({ reason: 'stopped' })
    await expect(group.run('hostname', { signal: controller.signal }).outcomes()).resolves.toHaveLength(5)
  })

  test('close ends work under way with CLOSED, and the group can be used again', async () => {
    await using group = new Group(['a', 'b'], jumping({ parallel: 1 }))
    const work = group.map(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('let me out')))
          void group.close()
        }),
    )
    const outcomes = await work.outcomes()
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'CLOSED' } })
    expect(outcomes[1]).toMatchObject({ status: 'skipped', reason: 'stopped' })
    expect(await group.map(({ host }) => host).results()).toEqual(['a', 'b'])
  })
})

describe('time', () => {
  test('is given to each member from its turn on, the opening included', async () => {
    network.host('b').fault({ connection: 'hang' })
    await using group = new Group(['a', 'b', 'c'], jumping({ parallel: 1 }))
    const outcomes = await group.map(({ host }) => host, { timeoutMs: 1000 }).outcomes()
    expect(statuses(outcomes)).toEqual(['succeeded', 'failed', 'succeeded'])
    expect(outcomes[1]).toMatchObject({ error: { code: 'TIMEOUT' } })
    expect(outcomes[1]?.durationMs).toBeGreaterThan(990)
  })

  test('that is over ends work that heeds no signal, too, after a moment', async () => {
    await using group = new Group(['a'], jumping())
    const work = group.map(() => new Promise<never>(() => {}), { timeoutMs: 800 })
    const message = 'a: the work did not end within 800 ms'
    expect(await work.outcomes()).toMatchObject([{ error: { code: 'TIMEOUT', message } }])
  })

  test('of a command begins with the command', async () => {
    await using group = new Group(['a', 'b'], jumping())
    const outcomes = await group.run('wait', { timeoutMs: 50 }).outcomes()
    expect(outcomes).toMatchObject(Array(2).fill({ status: 'failed', error: { code: 'COMMAND_TIMEOUT' } }))
  })
})

describe('what a call is given', () => {
  test('as input, each member gets, and one stream takes the output of all', async () => {
    const chunks: string[] = []
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(String(chunk))
        setImmediate(done)
      },
    })
    const text: string[] = []
    await using group = new Group(names, jumping())
    await group.run('hostname', { stdout: sink, onStdout: (piece) => text.push(piece), input: 'x' }).results()
    expect(sink.listenerCount('error') + sink.listenerCount('drain')).toBe(0)
    sink.end()
    await once(sink, 'finish')
    expect(chunks.sort()).toEqual(names.map((name) => `${name}\n`))
    expect(text.sort()).toEqual(names.map((name) => `${name}\n`))
  })

  test('to map is the open connection, and who the member is', async () => {
    await using group = new Group(names, jumping())
    const ids = await group
      .map((connection: Connection, { member }) => `${connection.state} ${member.id}`)
      .results()
    expect(ids).toEqual((await group.members()).map(({ id }) => `open ${id}`))
  })
})

function isCommand(command: string) {
  return (record: { readonly event: string; readonly command?: string | undefined }): boolean =>
    record.event === 'command' && record.command === command
}
