// Sessions beyond what a real sshd holds at once (MaxSessions) wait for their turn.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leakCheck } from '../support/leak-check.js'
import { connectionTo } from '../support/link-up.js'
import { type Sshd, startSshd } from '../support/sshd.js'
import { warningsOf } from '../support/warnings.js'

let ten: Sshd
let one: Sshd
beforeAll(async () => {
  ;[ten, one] = await Promise.all([
    startSshd({ name: 'ten sessions' }),
    startSshd({ name: 'one session', config: ['MaxSessions 1'] }),
  ])
})
afterAll(async () => {
  await Promise.all([ten.stop(), one.stop()])
})

const refusals = (sshd: Sshd): number =>
  sshd.log.lines().filter(({ text }) => /session_open: no more sessions|no more sessions/.test(text)).length

describe('a server that holds only so many sessions', () => {
  leakCheck()

  test('runs 200 commands that are started at once, ten at a time', async () => {
    await using host = connectionTo(ten)
    let results: readonly string[] = []
    const t = performance.now()
    const warnings = await warningsOf(async () => {
      const numbers = Array.from({ length: 200 }, (_, index) => String(index))
      results = await Promise.all(numbers.map(async (n) => (await host.run(`echo ${n}`)).stdout))
    })
    console.log('ten', performance.now() - t, refusals(ten))
    expect(results).toEqual(Array.from({ length: 200 }, (_, index) => `${index}\n`))
    expect(warnings).toEqual(['holds no more than 10 sessions at once; others wait'])
  })

  test('runs 300 commands one after the other, where there is room for one', async () => {
    await using host = connectionTo(one)
    const t = performance.now()
    for (let index = 0; index < 300; index++) await host.run('true')
    console.log('one seq', performance.now() - t, refusals(one))
  })
  test('par one', async () => {
    await using host = connectionTo(one)
    const t = performance.now()
    await Promise.all(Array.from({ length: 200 }, () => host.run('true')))
    console.log('one par', performance.now() - t, refusals(one))
  })
})
