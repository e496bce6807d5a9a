// The live lines of a group fit the terminal, whatever there is to say, and count right.

import { describe, expect, it } from 'vitest'
import { readGroupFlags } from '../../../src/cli/group-flags.js'
import { GroupTally } from '../../../src/cli/group-tally.js'
import { type GroupStatus, groupStatusLines } from '../../../src/cli/group-view.js'
import type { Member } from '../../../src/index.js'

const size = { columns: 80, rows: 24, paint: (_style: unknown, text: string) => text }

function statusOf(gateways: number, each: number): GroupStatus {
  const members: readonly Member[] = Array.from({ length: gateways * each }, (_, index) => ({
    id: `m${index}`,
    host: `host${index}`,
    gateway: `g${index % gateways}`,
  }))
  const tally = new GroupTally(members, () => members.slice(0, 5))
  const [first, second, third] = members
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few')
  tally.end({ status: 'succeeded', member: first, value: undefined, durationMs: 1 })
  tally.end({ status: 'failed', member: second, error: new Error('no'), durationMs: 1 })
  tally.end({ status: 'skipped', member: third, reason: 'stopped', durationMs: 1 })
  return {
    counts: tally.counts,
    gateways: tally.gateways.map((counts) => ({ ...counts, label: `gateway ${counts.gateway}` })),
    running: tally.running.map(({ host }) => host),
    elapsedMs: 61_999,
    isStopping: false,
  }
}

describe('the live lines', () => {
  it('count all, and those of each gateway, and name who is running', () => {
    expect(groupStatusLines(statusOf(2, 3), size)).toEqual([
      '6 hosts: 2 running, 1 done, 1 failed, 1 skipped, 1 waiting, 61 s',
      '  gateway g0  1 running, 1 done, 1 skipped',
      '  gateway g1  1 running, 0 done, 1 failed, 1 waiting',
      'running: host3, host4',
    ])
  })

  it('say that nothing more is begun', () => {
    expect(groupStatusLines({ ...statusOf(2, 3), isStopping: true }, size)[0]).toContain(', stopping, 61 s')
  })

  it('say nothing of gateways where there are none', () => {
    const status = statusOf(1, 6)
    const gateways = status.gateways.map((counts) => ({ ...counts, gateway: undefined }))
    expect(groupStatusLines({ ...status, gateways }, size)).toHaveLength(2)
  })

  it.each([
    [80, 24],
    [20, 5],
    [10, 2],
    [1, 1],
  ])('fit %d columns and %d rows', (columns, rows) => {
    const lines = groupStatusLines(statusOf(30, 4), { ...size, columns, rows })
    expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(1, columns - 1))
  })

  it('show gateways with failures first where there is no room for all', () => {
    const lines = groupStatusLines(statusOf(30, 4), size)
    expect(lines[1]).toMatch(/^ {2}gateway g1 .*1 failed/)
    expect(lines).toContain('  and 23 more gateways')
  })
})

describe('the flags of a group', () => {
  const read = (...flags: readonly (readonly [string, string])[]) =>
    readGroupFlags({
      ...{ ask: 'command', command: 'run', host: '', words: ['true'] },
      flags: flags.map(([letter, value]) => ({ letter, value })),
    })

  it('are read, and the first of several counts', () => {
    const waves = ['--waves', '1,10%'] as const
    const times = [['--timeout', '1.5'] as const, ['--timeout', '9'] as const]
    expect(
      read(['--parallel', '20'], waves, ['--stop-after-failures', '3'], ...times, ['--json', '']),
    ).toEqual({
      pace: { parallel: 20, waves: { first: 1, then: '10%' }, stopAfterFailures: 3 },
      ...{ timeoutMs: 1500, outputDirectory: undefined, output: 'json' },
    })
  })

  it.each([
    ['--parallel', '0'],
    ['--parallel', '1.5'],
    ['--parallel', ''],
    ['--stop-after-failures', '-1'],
    ['--timeout', '0'],
    ['--timeout', '1e3'],
    ['--timeout', '9999999'],
    ['--waves', '1'],
    ['--waves', '1,x'],
    ['--waves', '0,1'],
    ['--waves', '1,101%'],
    ['--waves', '1,2,3'],
    ['-L', '1:a:1'],
    ['-t', ''],
  ])('%s %j is refused', (letter, value) => {
    expect(() => read([letter, value])).toThrow(letter)
  })
})
