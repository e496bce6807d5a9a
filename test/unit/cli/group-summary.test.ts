// What people and programs read at the end of a group's work.

import { describe, expect, it } from 'vitest'
import { outcomeDocument, summaryDocument } from '../../../src/cli/group-json.js'
import { labelGateways, labelMembers } from '../../../src/cli/group-labels.js'
import { allAreMisconfigured, summaryLines } from '../../../src/cli/group-summary.js'
import {
  CommandError,
  ConfigError,
  ConnectError,
  type Member,
  type Outcome,
  SallyportError,
} from '../../../src/index.js'

function member(host: string, gateway?: string): Member {
  const before = gateway === undefined ? '' : `ops@${gateway}:22 > `
  return {
    id: `${before}root@${host}:22`,
    host,
    gateway: gateway === undefined ? undefined : `ops@${gateway}:22`,
  }
}

function succeeded(of: Member): Outcome<undefined> {
  return { status: 'succeeded', member: of, durationMs: 1, value: undefined }
}

function failed(of: Member, error: unknown): Outcome<undefined> {
  return { status: 'failed', member: of, durationMs: 1, error }
}

function refusedAt(host: string, { index, count }: { readonly index: number; readonly count: number }) {
  const hop = { host, user: 'ops', port: 22, index, count }
  return new ConnectError('CONNECTION_REFUSED', `no\u001b[1A`, { hop, phase: 'dial', hint: 'look there' })
}

function exited(exitCode: number | null, signal: string | null = null): CommandError {
  const outcome = { command: 'x', host: 'h', stdout: '', stderr: '', exitCode, signal, durationMs: 1 }
  return new CommandError('COMMAND_FAILED', 'the command failed', outcome)
}

function lines(outcomes: readonly Outcome<undefined>[]): readonly string[] {
  const members = outcomes.map((outcome) => outcome.member)
  const [labels, gatewayLabels] = [labelMembers(members), labelGateways(members)]
  const ended = { outcomes, labels, gatewayLabels, durationMs: 1234 }
  return summaryLines(ended, (_style, text) => text)
}

describe('the summary', () => {
  it('of success is one line', () => {
    expect(lines([succeeded(member('a'))])).toEqual(['sallyport: 1 host: 1 succeeded in 1.2 s'])
  })

  it('has one entry for each cause, the most frequent first, with its hint, and nothing unsafe', () => {
    const atGateway = ['a', 'b'].map((host) =>
      failed(member(host, 'gw'), refusedAt('gw', { index: 0, count: 2 })),
    )
    const atHost = failed(member('c', 'gw'), refusedAt('c', { index: 1, count: 2 }))
    const exits = ['d', 'e', 'f'].map((host) => failed(member(host, 'gw'), exited(3)))
    const others = [
      failed(member('g', 'gw'), exited(null, 'KILL')),
      failed(member('h', 'gw'), new Error('odd')),
    ]
    const skipped = { status: 'skipped', member: member('i'), durationMs: 0, reason: 'stopped' } as const
    expect(lines([...atGateway, atHost, ...exits, ...others, skipped])).toEqual([
      'sallyport: 9 hosts: 0 succeeded, 8 failed, 1 skipped in 1.2 s',
      '  exit status 3: 3 hosts: d, e, f',
      '  CONNECTION_REFUSED: 2 hosts: a, b',
      '    as in gw (hop 1 of 2): no\\x1b[1A',
      '    hint: look there',
      '  CONNECTION_REFUSED: 1 host: c',
      '    c (hop 2 of 2): no\\x1b[1A',
      '  ended by KILL: 1 host: g',
      '  an error: 1 host: h',
      '    odd',
      '  skipped, since it was interrupted: 1 host: i',
      '  all 8 failures are behind gw, and none there succeeded',
    ])
  })

  it('tells what the system said, for people and for programs', () => {
    const system = new Error('ELOOP: too many\u001b symbolic links')
    const problem = failed(
      member('a'),
      new SallyportError('LOCAL_FILE_FAILED', 'not written', { cause: system, hint: 'look there' }),
    )
    expect(lines([problem]).slice(1)).toEqual([
      '  LOCAL_FILE_FAILED: 1 host: a',
      '    not written',
      '    cause: ELOOP: too many\\x1b symbolic links',
      '    hint: look there',
    ])
    expect(outcomeDocument(problem, undefined)).toMatchObject({ error: { causes: [system.message] } })
    const other = failed(member('a'), new Error('odd', { cause: system }))
    expect(outcomeDocument(other, undefined)).toMatchObject({ error: { causes: [system.message] } })
  })

  it('names some of many hosts', () => {
    const many = Array.from({ length: 30 }, (_, index) => failed(member(`h${index}`), exited(1)))
    const [, line = ''] = lines(many)
    expect(line).toMatch(/^ {2}exit status 1: 30 hosts: h0, .*, h19 and 10 more$/)
  })

  it('tells gateways apart only where there is something to tell', () => {
    const fails = (host: string, gateway?: string) => failed(member(host, gateway), exited(1))
    const last = (...outcomes: readonly Outcome<undefined>[]) => lines(outcomes).slice(2)
    expect(last(fails('a', 'g'), fails('b', 'g'))).toEqual([])
    expect(last(fails('a', 'g'), succeeded(member('b')))).toEqual([])
    const some = [fails('a', 'g'), fails('b', 'g'), succeeded(member('c', 'g')), succeeded(member('d'))]
    expect(last(...some)).toEqual(['  all 2 failures are behind g'])
    expect(last(fails('a', 'g'), fails('b', 'g'), fails('c'), succeeded(member('d', 'k')))).toEqual([
      '  behind g: 2 of 2 failed',
      '  reached directly: 1 of 1 failed',
    ])
  })
})

it('lays failures to the gateway that failed, however many others are behind it', () => {
  const behind = (host: string, inner: string, outer: string): Member => {
    const gateway = `ops@${outer}:22 (10.0.0.1) > command nc > ops@${inner}:22`
    return { id: `${gateway} > root@${host}:22`, host, gateway }
  }
  const dead = [behind('a', 'in1', 'Out'), behind('b', 'in2', 'Out')].map((of) =>
    failed({ ...of, gateway: of.gateway?.toLowerCase() }, refusedAt('Out', { index: 0, count: 3 })),
  )
  const [alive, other] = [succeeded(behind('c', 'in1', 'alive')), member('d', 'gw')]
  expect(lines([...dead, alive]).at(-1)).toBe('  all 2 failures are behind out, and none there succeeded')
  expect(lines([...dead, alive, failed(other, exited(1))]).slice(-2)).toEqual([
    '  behind out: 2 of 2 failed',
    '  behind gw: 1 of 1 failed',
  ])
})

it('only where no host could begin, because of what is configured, nothing has begun', () => {
  const wrong = new ConfigError('CONFIG_INVALID', 'wrong', { origin: 'file:1' })
  expect(allAreMisconfigured([failed(member('a'), wrong)])).toBe(true)
  expect(allAreMisconfigured([failed(member('a'), wrong), failed(member('b'), exited(1))])).toBe(false)
  expect(allAreMisconfigured([failed(member('a'), wrong), succeeded(member('b'))])).toBe(false)
})

describe('the documents', () => {
  const record = {
    stdout: { text: 'out', isTruncated: true },
    stderr: { text: '', isTruncated: false },
    files: undefined,
  }

  it('of a failure have the exit code and the error; of files only their names', () => {
    const outcome = failed(member('a', 'gw'), exited(3))
    expect(outcomeDocument(outcome, record)).toMatchObject({
      ...{ event: 'outcome', member: 'ops@gw:22 > root@a:22', host: 'a', gateway: 'ops@gw:22' },
      ...{ status: 'failed', exitCode: 3, signal: null, durationMs: 1 },
      ...{ stdout: 'out', stdoutTruncated: true, stderr: '', stderrTruncated: false },
      error: { code: 'COMMAND_FAILED', message: 'the command failed' },
    })
    const files = { stdout: 'o', stderr: 'e' }
    const filed = outcomeDocument(outcome, { ...record, files })
    expect(filed).toMatchObject({ files })
    expect(filed).not.toHaveProperty('stdout')
  })

  it('of who was skipped say why, and the last one counts', () => {
    const skipped = { status: 'skipped', member: member('a'), durationMs: 0, reason: 'stopped' } as const
    const document = { status: 'skipped', reason: 'stopped', exitCode: null, gateway: null, error: null }
    expect(outcomeDocument(skipped, undefined)).toMatchObject(document)
    const outcomes = [skipped, failed(member('b'), exited(3)), failed(member('c'), exited(3))]
    expect(summaryDocument(outcomes, { durationMs: 5, isInterrupted: true })).toEqual({
      ...{ event: 'summary', members: 3, succeeded: 0, failed: 2, skipped: 1, interrupted: true },
      durationMs: 5,
      causes: [
        {
          ...{ cause: 'exit status 3', message: 'the command failed', hint: undefined },
          members: ['root@b:22', 'root@c:22'],
        },
      ],
    })
  })
})
