// How the members of a group are opened: who waits for whom, what is tried again, and how often a gateway is dialled.

import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../../src/connection.js'
import type { ErrorCode } from '../../../src/error-codes.js'
import { AuthError, ConnectError, type HopRef, type Phase } from '../../../src/errors.js'
import { Openings } from '../../../src/group/openings.js'

const hops = ['bastion', 'inner'] as const
const count = hops.length + 1

function hop(index: number, host: string = hops[index] ?? 'web'): HopRef {
  return { index, count, user: 'ops', host, port: 22 }
}

function failure(code: ErrorCode, index: number, phase: Phase = 'dial'): ConnectError {
  return new ConnectError(code, 'no', { hop: hop(index), phase })
}

/** A member behind both gateways. `open` is what each try does: it is told the number of the try. */
function member(host: string, open: (tries: number, signal: AbortSignal) => Promise<void>): Connection {
  const hopOf = (name: string) => ({ user: 'ops', host: name, hostName: name, port: 22 })
  let tries = 0
  const connection = {
    host,
    state: 'idle',
    resolve: async () => ({ hops: [...hops, host].map(hopOf), warnings: [] }),
    open: ({ signal }: { signal: AbortSignal }) => open(++tries, signal),
  }
  return connection as unknown as Connection
}

/** Members that all open in the way of one gateway, which `dial` stands for: who comes while it is dialled joins. */
function behind(length: number, dial: (dials: number) => Promise<void>) {
  let dials = 0
  let attempt: Promise<void> | undefined
  let isOpen = false
  const join = async (): Promise<void> => {
    if (isOpen) return
    attempt ??= dial(++dials).finally(() => {
      attempt = undefined
    })
    await attempt
    isOpen = true
  }
  return {
    members: Array.from({ length }, (_, index) => member(`web${index}`, join)),
    dials: () => dials,
    lose: () => {
      isOpen = false
    },
  }
}

const settle = (work: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
  Promise.all(work.map((promise) => promise.then(() => 'open').catch((error: unknown) => error)))

/** Openings whose gateways can only be opened along with a member. */
const newOpenings = (): Openings => new Openings(async () => false)

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance'],
    shouldAdvanceTime: true,
    advanceTimeDelta: 100,
  })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Lets time pass until all of it has settled. */
async function all(work: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const settled = settle(work)
  for (let times = 0; times < 100; times++) {
    await turn()
    await vi.advanceTimersByTimeAsync(1000)
  }
  return settled
}

describe('a busy server', () => {
  it('is tried again until it takes the member', async () => {
    const tries: number[] = []
    const one = member('web', async (number) => {
      tries.push(number)
      if (number < 5) throw failure('SERVER_BUSY', 2, 'version')
    })
    expect(await all([newOpenings().open(one)])).toEqual(['open'])
    expect(tries).toEqual([1, 2, 3, 4, 5])
  })

  it('is tried ten times, and no longer than the caller has time', async () => {
    let tries = 0
    const busy = async (): Promise<void> => {
      tries += 1
      throw failure('SERVER_BUSY', 2, 'version')
    }
    const [error] = await all([newOpenings().open(member('web', busy))])
    expect(error).toMatchObject({ code: 'SERVER_BUSY', hop: { index: 2 } })
    expect(tries).toBe(10)
    const [late] = await all([newOpenings().open(member('web', busy), { timeoutMs: 500 })])
    expect(late).toMatchObject({ code: 'TIMEOUT', hop: { index: 2 }, phase: 'dial' })
    expect(tries).toBeLessThan(15)
  })

  it('is left at once when the caller aborts', async () => {
    const controller = new AbortController()
    const busy = member('web', async () => {
      throw failure('SERVER_BUSY', 2, 'version')
    })
    const opening = settle([newOpenings().open(busy, { signal: controller.signal })])
    await turn()
    controller.abort('enough')
    expect(await opening).toMatchObject([{ name: 'AbortError', cause: 'enough', hop: { index: 2 } }])
  })

  it('is all that is tried again', async () => {
    let tries = 0
    const refused = member('web', async () => {
      tries += 1
      throw failure('CONNECTION_REFUSED', 2)
    })
    const prohibited = member('db', async () => {
      tries += 1
      throw failure('FORWARD_PROHIBITED', 1, 'channel')
    })
    const openings = newOpenings()
    expect(await all([openings.open(refused), openings.open(prohibited)])).toMatchObject([
      { code: 'CONNECTION_REFUSED' },
      { code: 'FORWARD_PROHIBITED' },
    ])
    expect(tries).toBe(2)
  })

  it('as a gateway is waited for by all, and dialled by one', async () => {
    const { members, dials } = behind(50, async (number) => {
      await turn()
      if (number < 9) throw failure('SERVER_BUSY', 0, 'version')
    })
    const openings = newOpenings()
    expect(await all(members.map((one) => openings.open(one)))).toEqual(members.map(() => 'open'))
    expect(dials()).toBe(9)
  })

  it('as a gateway, and for good, is dialled ten times for all together', async () => {
    const { members, dials } = behind(50, async () => {
      await turn()
      throw failure('SERVER_BUSY', 0, 'version')
    })
    const openings = newOpenings()
    const outcomes = await all(members.map((one) => openings.open(one)))
    expect(outcomes).toMatchObject(members.map(() => ({ code: 'SERVER_BUSY', hop: { index: 0 } })))
    expect(dials()).toBe(10)
  })
})

describe('a gateway that fails', () => {
  it('is dialled once more, and all go on when that works', async () => {
    const { members, dials } = behind(50, async (number) => {
      await turn()
      if (number === 1) throw failure('CONNECTION_REFUSED', 1)
    })
    const openings = newOpenings()
    expect(await all(members.map((one) => openings.open(one)))).toEqual(members.map(() => 'open'))
    expect(dials()).toBe(2)
  })

  it('and is open again, is open to all, though the member that tried it hangs at its own server', async () => {
    const trials: string[] = []
    const openings = new Openings(async ({ host }) => {
      trials.push(host)
      await turn()
      return true
    })
    const lost = member('lost', async (tries, signal) => {
      if (tries === 1) throw failure('CONNECTION_LOST', 1)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const controller = new AbortController()
    const hanging = settle([openings.open(lost, { signal: controller.signal })])
    for (let times = 0; times < 20; times++) await vi.advanceTimersByTimeAsync(500)
    const others = Array.from({ length: 20 }, (_, index) =>
      openings.open(member(`web${index}`, async () => {})),
    )
    expect(await all(others)).toEqual(others.map(() => 'open'))
    expect(trials).toEqual(['lost'])
    controller.abort('enough')
    expect(await hanging).toEqual(['enough'])
  })

  it('twice, is dialled by nobody any more: all fail with its error', async () => {
    const { members, dials } = behind(50, async () => {
      await turn()
      throw failure('CONNECTION_REFUSED', 1)
    })
    const openings = newOpenings()
    const outcomes = await all(members.map((one) => openings.open(one)))
    expect(outcomes).toMatchObject(members.map(() => ({ code: 'CONNECTION_REFUSED', hop: { index: 1 } })))
    const later = behind(3, async () => {})
    expect(await all(later.members.map((one) => openings.open(one)))).toMatchObject(
      Array(3).fill({
        name: 'ConnectError',
        code: 'CONNECTION_REFUSED',
        message: 'inner (hop 2 of 3): not tried again: no',
        cause: { message: 'inner (hop 2 of 3): no' },
      }),
    )
    expect([dials(), later.dials()]).toEqual([2, 0])
  })

  it('because it takes no credential, is not asked again', async () => {
    const details = { hop: hop(0), tried: [], allowed: ['publickey'] }
    const { members, dials } = behind(20, async () => {
      await turn()
      throw new AuthError('AUTH_FAILED', 'took none', details)
    })
    const openings = newOpenings()
    const outcomes = await all(members.map((one) => openings.open(one)))
    expect(outcomes).toMatchObject(Array(20).fill({ name: 'AuthError', allowed: ['publickey'], tried: [] }))
    expect(dials()).toBe(1)
  })

  it('for want of a descriptor here, is in no doubt', async () => {
    let tries = 0
    const cause = Object.assign(new Error('too many'), { code: 'EMFILE' })
    const starved = member('web', async () => {
      tries += 1
      throw new ConnectError('CONNECTION_FAILED', 'no', { hop: hop(0), phase: 'dial', cause })
    })
    const openings = newOpenings()
    expect(await all([openings.open(starved)])).toMatchObject([{ cause }])
    expect(await all([openings.open(member('db', async () => {}))])).toEqual(['open'])
    expect(tries).toBe(1)
  })

  it('under the work of many, is dialled once more for those to come', async () => {
    const { members, dials, lose } = behind(100, async () => void (await turn()))
    const openings = newOpenings()
    await all(members.slice(0, 50).map((one) => openings.open(one)))
    lose()
    const lost = failure('CONNECTION_LOST', 0, 'session')
    for (const one of members.slice(0, 50)) openings.failed(one, lost)
    const others = members.slice(50).map((one) => openings.open(one))
    // News of the same end may come late.
    for (const one of members.slice(0, 50)) {
      openings.failed(
        one,
        new ConnectError('CONNECTION_LOST', 'cut', { hop: hop(0), phase: 'session', cause: lost }),
      )
    }
    expect(await all(others)).toEqual(others.map(() => 'open'))
    expect(dials()).toBe(2)
  })

  it('and is being tried again, is waited for no longer than the caller likes', async () => {
    const { members } = behind(2, (number) =>
      number === 1 ? Promise.reject(failure('CONNECTION_REFUSED', 0)) : new Promise<void>(() => {}),
    )
    const openings = newOpenings()
    const [first, second] = members
    if (first === undefined || second === undefined) throw new Error('no members')
    void openings.open(first)
    await turn()
    const controller = new AbortController()
    const waiting = settle([
      openings.open(second, { timeoutMs: 3000 }),
      openings.open(
        member('db', async () => {}),
        { signal: controller.signal },
      ),
    ])
    await vi.advanceTimersByTimeAsync(1000)
    controller.abort('enough')
    await vi.advanceTimersByTimeAsync(3000)
    expect(await waiting).toMatchObject([
      { code: 'TIMEOUT', hop: { host: 'bastion' } },
      { name: 'AbortError', cause: 'enough', hop: { host: 'bastion' } },
    ])
  })

  it('by saying nothing, costs the time of two members and no more', async () => {
    let dials = 0
    const silent = (tries: number, signal: AbortSignal): Promise<void> => {
      dials += tries
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () =>
          reject(new ConnectError('TIMEOUT', 'late', { hop: hop(0), phase: 'dial', cause: signal.reason })),
        ),
      )
    }
    const openings = newOpenings()
    const outcomes: unknown[] = []
    for (let index = 0; index < 10; index++) {
      outcomes.push(...(await all([openings.open(member(`web${index}`, silent), { timeoutMs: 1000 })])))
    }
    expect(outcomes).toMatchObject(Array(10).fill({ code: 'TIMEOUT', hop: { index: 0 } }))
    expect(dials).toBe(2)
  })

  it('is tried by another when the one who did has left', async () => {
    const controller = new AbortController()
    const openings = newOpenings()
    const leaving = member('a', (tries, signal) =>
      tries === 1
        ? Promise.reject(failure('CONNECTION_REFUSED', 0))
        : new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    const first = settle([openings.open(leaving, { signal: controller.signal })])
    await vi.advanceTimersByTimeAsync(500)
    let tries = 0
    const second = settle([
      openings.open(
        member('b', async () => {
          tries += 1
        }),
      ),
    ])
    await vi.advanceTimersByTimeAsync(500)
    expect(tries).toBe(0)
    controller.abort('enough')
    await vi.advanceTimersByTimeAsync(500)
    expect([await first, await second, tries]).toEqual([['enough'], ['open'], 1])
  })
})

it('no more than eight dial one server at once, whoever their user is', async () => {
  let running = 0
  let most = 0
  const members = Array.from({ length: 40 }, () =>
    member('web', async () => {
      most = Math.max(most, ++running)
      await turn()
      running -= 1
    }),
  )
  const openings = newOpenings()
  expect(await all(members.map((one) => openings.open(one)))).toEqual(members.map(() => 'open'))
  expect(most).toBe(8)
})
