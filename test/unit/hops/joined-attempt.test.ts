import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Deferred, deferred } from '../../../src/deferred.js'
import { SallyportError } from '../../../src/errors.js'
import { JoinedAttempt, type Outcome } from '../../../src/hops/joined-attempt.js'

interface Attempt {
  readonly attempt: JoinedAttempt<string>
  readonly work: Deferred<string>
  readonly outcomes: Outcome<string>[]
  readonly signal: () => AbortSignal | undefined
}

/** Work that ends when the test says so, or fails with the reason for which it is ended. */
function start(): Attempt {
  const work = deferred<string>()
  const outcomes: Outcome<string>[] = []
  let signal: AbortSignal | undefined
  const attempt = new JoinedAttempt<string>(
    (given) => {
      signal = given
      given.addEventListener('abort', () => work.reject(given.reason))
      return work.promise
    },
    (outcome) => outcomes.push(outcome),
  )
  return { attempt, work, outcomes, signal: () => signal }
}

const never = new Promise<SallyportError>(() => {})
const error = (what: string): SallyportError => new SallyportError('TIMEOUT', what)

describe('an attempt', () => {
  it('begins at once and is the same for all who join', async () => {
    const { attempt, work, outcomes } = start()
    const joined = [attempt.join(never), attempt.join(never)]
    work.resolve('open')
    expect(await Promise.all(joined)).toEqual(['open', 'open'])
    expect(await attempt.join(never)).toBe('open')
    expect(outcomes).toEqual([{ value: 'open' }])
  })

  it('fails for all with its own error', async () => {
    const { attempt, work, outcomes } = start()
    const joined = [attempt.join(never), attempt.join(never)]
    const reason = error('refused')
    work.reject(reason)
    for (const { reason: met } of (await Promise.allSettled(joined)) as PromiseRejectedResult[]) {
      expect(met).toBe(reason)
    }
    expect(outcomes).toEqual([{ error: reason }])
  })

  it('that has failed ends what it left behind, such as a question, when the last one is told', async () => {
    const { attempt, work, signal } = start()
    const question = new Promise((resolve) => signal()?.addEventListener('abort', resolve))
    const joined = [attempt.join(never), attempt.join(never)]
    const reason = error('the server hung up')
    work.reject(reason)
    expect(await Promise.allSettled(joined)).toMatchObject([{ reason }, { reason }])
    await question
    expect(signal()?.reason).toBe(reason)
  })

  it('is settled before those who joined are told', async () => {
    const { attempt, work, outcomes } = start()
    const known = attempt.join(never).then(() => outcomes.length)
    work.resolve('open')
    expect(await known).toBe(1)
  })

  it('that fails with nobody waiting is no unhandled rejection', async () => {
    const { attempt, work } = start()
    work.reject(error('refused'))
    await expect(attempt.settled()).resolves.toBeUndefined()
    await turn()
  })
})

describe('a caller that leaves', () => {
  it('leaves at once with its own reason, and disturbs nobody', async () => {
    const { attempt, work, signal } = start()
    const left = deferred<SallyportError>()
    const leaving = attempt.join(left.promise)
    const staying = attempt.join(never)
    const reason = error('no time')
    left.resolve(reason)
    await expect(leaving).rejects.toBe(reason)
    expect(signal()?.aborted).toBe(false)
    expect(attempt.isLeaving).toBe(false)
    work.resolve('open')
    expect(await staying).toBe('open')
  })

  it('as the last one ends the attempt', async () => {
    const { attempt, signal, outcomes } = start()
    const [one, two] = [deferred<SallyportError>(), deferred<SallyportError>()]
    const joined = [attempt.join(one.promise), attempt.join(two.promise)].map((promise) =>
      promise.catch((e) => e),
    )
    one.resolve(error('first'))
    await joined[0]
    expect(signal()?.aborted).toBe(false)
    const last = error('last')
    two.resolve(last)
    expect(await joined[1]).toBe(last)
    expect(attempt.isLeaving).toBe(true)
    expect(signal()?.reason).toBe(last)
    await attempt.settled()
    expect(outcomes).toEqual([{ error: last }])
  })

  it('and comes back meanwhile finds the attempt as it was', async () => {
    const { attempt, work } = start()
    const left = deferred<SallyportError>()
    const staying = attempt.join(never)
    const leaving = attempt.join(left.promise)
    left.resolve(error('no time'))
    await expect(leaving).rejects.toThrow()
    const again = attempt.join(never)
    work.resolve('open')
    expect(await Promise.all([staying, again])).toEqual(['open', 'open'])
  })
})

describe('an attempt that is ended', () => {
  it('rejects all with the reason, and resolves only when nothing of it is left', async () => {
    const cleaned = deferred<void>()
    const attempt = new JoinedAttempt<string>(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => cleaned.promise.then(() => reject(signal.reason)))
        }),
      () => {},
    )
    const joined = attempt.join(never).catch((reason: unknown) => reason)
    let isOver = false
    const reason = error('closed')
    const over = attempt.abort(reason).then(() => {
      isOver = true
    })
    expect(attempt.isLeaving).toBe(true)
    await turn()
    expect(isOver).toBe(false)
    cleaned.resolve()
    await over
    expect(await joined).toBe(reason)
  })
})
