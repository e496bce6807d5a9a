import { describe, expect, test } from 'vitest'
import { RunningWork } from '../../../src/group/running-work.js'
import { GroupError, type Outcome, SallyportError } from '../../../src/index.js'

function succeeded(host: string): Outcome<string> {
  const member = { id: `root@${host}:22`, host, gateway: undefined }
  return { status: 'succeeded', member, value: host, durationMs: 1 }
}

function failed(host: string, error: unknown): Outcome<string> {
  const member = { id: `root@${host}:22`, host, gateway: undefined }
  return { status: 'failed', member, error, durationMs: 1 }
}

function skipped(host: string): Outcome<string> {
  const member = { id: `root@${host}:22`, host, gateway: undefined }
  return { status: 'skipped', member, reason: 'stopped', durationMs: 0 }
}

async function hostsOf(work: RunningWork<string>): Promise<readonly string[]> {
  const hosts: string[] = []
  for await (const { member } of work) hosts.push(member.host)
  return hosts
}

describe('iterating', () => {
  test('gives outcomes in the order in which they come, in each of many loops, late ones included', async () => {
    const work = new RunningWork<string>(() => {})
    const early = hostsOf(work)
    work.give(2, succeeded('c'))
    const between = hostsOf(work)
    work.give(0, succeeded('a'))
    work.give(1, failed('b', new Error('no')))
    work.end()
    const late = hostsOf(work)
    expect(await Promise.all([early, between, late])).toEqual(Array(3).fill(['c', 'a', 'b']))
  })

  test('gives an outcome as soon as it is there', async () => {
    const work = new RunningWork<string>(() => {})
    const loop = work[Symbol.asyncIterator]()
    const first = loop.next()
    work.give(0, succeeded('a'))
    expect(await first).toMatchObject({ done: false, value: { status: 'succeeded' } })
    work.end()
    expect(await loop.next()).toEqual({ done: true, value: undefined })
  })

  test('a loop that is left stops nothing', async () => {
    let stops = 0
    const work = new RunningWork<string>(() => {
      stops += 1
    })
    work.give(0, succeeded('a'))
    for await (const _ of work) break
    work.give(1, succeeded('b'))
    work.end()
    expect(await work.results()).toEqual(['a', 'b'])
    expect(stops).toBe(0)
    work.stop()
    expect(stops).toBe(1)
  })
})

test('runs from the beginning of a turn to its outcome, but not while it waits for another turn', () => {
  const work = new RunningWork<string>(() => {})
  const [a, b, c] = [succeeded('a'), failed('b', new Error('no')), succeeded('c')]
  for (const { member } of [c, b, a]) work.begin(member)
  expect(work.running).toEqual([c.member, b.member, a.member])
  work.postpone(c.member)
  work.give(1, b)
  expect(work.running).toEqual([a.member])
})

describe('all together', () => {
  test('are in the order of the group, and frozen', async () => {
    const work = new RunningWork<string>(() => {})
    work.give(1, succeeded('b'))
    work.give(0, succeeded('a'))
    work.end()
    const outcomes = await work.outcomes()
    expect(outcomes.map(({ member }) => member.host)).toEqual(['a', 'b'])
    expect(Object.isFrozen(outcomes) && Object.isFrozen(outcomes[0])).toBe(true)
    expect(await work.results()).toEqual(['a', 'b'])
  })

  test.each([
    [[succeeded('a'), failed('b', new Error('it broke'))], '1 of 2 hosts failed; b: it broke'],
    [[failed('a', 'text')], '1 of 1 host failed; a: text'],
    [[failed('a', new Error('x\u001b[1A')), skipped('b')], '1 of 2 hosts failed, 1 skipped; a: x\\x1b[1A'],
    [[succeeded('a'), skipped('b')], '1 of 2 hosts skipped'],
    [
      [
        failed(
          'a',
          new SallyportError('CLOSED', 'gone', {
            hop: { index: 1, count: 2, user: 'u', host: 'a', port: 22 },
          }),
        ),
      ],
      '1 of 1 host failed; a (hop 2 of 2): gone',
    ],
  ])('results of %j reject with all outcomes', async (outcomes, message) => {
    const work = new RunningWork<string>(() => {})
    for (const [index, outcome] of outcomes.entries()) work.give(index, outcome)
    work.end()
    const error = await work.results().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GroupError)
    expect(error).toMatchObject({ code: 'GROUP_FAILED', message, outcomes })
    expect(await work.outcomes()).toEqual(outcomes)
  })

  test('hosts that cannot be found reject everything that is asked for, and nothing that is not', async () => {
    const problem = new Error('the inventory is gone')
    const silent = new RunningWork<string>(() => {})
    silent.fail(problem)
    const work = new RunningWork<string>(() => {})
    const loop = work[Symbol.asyncIterator]().next()
    const all = work.outcomes()
    work.fail(problem)
    await expect(loop).rejects.toBe(problem)
    await expect(all).rejects.toBe(problem)
    await expect(work.results()).rejects.toBe(problem)
    await new Promise((resolve) => setImmediate(resolve)) // an unhandled rejection would end the run here
  })
})
