// The comparison itself: it must see what differs, or all the other tests here prove nothing.

import { expect, test } from 'vitest'
import { startSshOracle, type Verdict } from '../../support/ssh-oracle.js'
import { agreement, findDifference } from '../../support/ssh-oracle-agreement.js'

const accepted = (...lines: readonly string[]): Verdict => ({
  accepted: true,
  lines,
  places: [],
  messages: '',
})
const refused = (messages: string, ...places: readonly string[]): Verdict => ({
  accepted: false,
  lines: [],
  places,
  messages,
})

test.each([
  ['another value', accepted('port 22'), accepted('port 23')],
  ['a line that is missing', accepted('port 22', 'user me'), accepted('port 22')],
  ['a line too many', accepted('port 22'), accepted('port 22', 'user me')],
  ['another order', accepted('port 22', 'user me'), accepted('user me', 'port 22')],
  ['a line twice', accepted('sendenv A'), accepted('sendenv A', 'sendenv A')],
  ['a refusal by one', accepted('port 22'), refused('f line 1: no', 'f:1')],
  ['a refusal by the other', refused('f line 1: no', 'f:1'), accepted('port 22')],
  ['a place that is missing', refused('f line 1: no\nf line 2: no', 'f:1', 'f:2'), refused('', 'f:1')],
  [
    'a place too many in the file that ssh has read to its end',
    refused('f line 1: no\nf: terminating, 1 bad configuration options', 'f:1'),
    refused('', 'f:1', 'f:2'),
  ],
])('%s is a difference', (_, theirs, ours) => {
  expect(findDifference(theirs, ours)).toBeDefined()
})

test.each([
  ['equal lines', accepted('port 22', 'user me'), accepted('port 22', 'user me')],
  ['equal places', refused('f line 1: no', 'f:1'), refused('f:1: no', 'f:1')],
  [
    'a place of another file than the one that ended ssh',
    refused('f: terminating, 1 bad configuration options', 'f:1'),
    refused('', 'f:1', 'g:2'),
  ],
])('%s are none', (_, theirs, ours) => {
  expect(findDifference(theirs, ours)).toBeUndefined()
})

test('the judge sees the files that were written, in its own home, and nothing of the person’s', async () => {
  await using oracle = await startSshOracle()
  oracle.write({ '~/.ssh/config': 'Port 2200\n', '/etc/ssh/ssh_config': 'User system\n' })
  const [verdict] = await oracle.ask([{ host: 'a' }])
  expect(verdict?.lines).toContain('port 2200')
  expect(verdict?.lines).toContain('user system')
  expect(verdict?.lines).toContain(
    `userknownhostsfile ${oracle.world.home}/.ssh/known_hosts ${oracle.world.home}/.ssh/known_hosts2`,
  )
  oracle.write({})
  expect((await oracle.ask([{ host: 'a' }]))[0]?.lines).toContain('port 22')
})

test('a difference comes out with the question', async () => {
  await using oracle = await startSshOracle()
  const asked = oracle.ask.bind(oracle)
  oracle.ask = async (questions) => {
    const verdicts = await asked(questions)
    return verdicts.map((verdict) => ({ ...verdict, lines: verdict.lines.toSpliced(1, 1) }))
  }
  const differences = await agreement(oracle, { files: {}, questions: [{ host: 'a', user: 'me' }] })
  expect(differences).toEqual(['{"host":"a","user":"me"}\n    we:  user me'])
})
