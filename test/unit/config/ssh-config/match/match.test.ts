import { expect, test } from 'vitest'
import { type MatchFacts, matches, matchesRunning } from '../../../../../src/config/ssh-config/match/match.js'
import { parseCriteria } from '../../../../../src/config/ssh-config/parse/match-line.js'
import { splitWords } from '../../../../../src/config/ssh-config/parse/words.js'

const facts: MatchFacts = {
  host: '10.0.0.5',
  originalHost: 'Db',
  user: 'me',
  localUser: 'root',
  tag: 'work',
  command: 'uptime now',
  sessionType: 'exec',
  version: 'OpenSSH_10.2',
  isFinal: false,
  localAddresses: () => ['127.0.0.1', '192.168.7.9'],
}
const holds = (line: string, more: Partial<MatchFacts> = {}) =>
  matches(parseCriteria(splitWords(line)), { ...facts, ...more })

test.each([
  ['all', true],
  ['!all', false],
  ['host 10.*', true],
  ['originalhost dB', true],
  ['host db', false],
  ['user m?', true],
  ['user ME', false],
  ['user *,!me', false],
  ['!user you', true],
  ['localuser root user me', true],
  ['localuser root user you', false],
  ['tagged work', true],
  ['tagged ""', false],
  ['command "uptime*"', true],
  ['command ""', false],
  ['sessiontype shell', false],
  ['sessiontype shell,exec', true],
  ['version OpenSSH_*', true],
  ['localnetwork 192.168.0.0/16', true],
  ['localnetwork 10.0.0.0/8', false],
  ['final', false],
  ['!canonical', true],
])('%s: %s', (line, expected) => {
  expect(holds(line)).toBe(expected)
})

test('an empty argument means that there was no tag, or no command', () => {
  expect(holds('tagged "" command ""', { tag: '', command: '' })).toBe(true)
})

test('in the final pass, canonical and final hold', () => {
  expect(holds('canonical final', { isFinal: true })).toBe(true)
})

async function running(line: string, answer: boolean | undefined) {
  const commands: string[] = []
  const held = await matchesRunning(parseCriteria(splitWords(line)), {
    facts,
    run: async (command) => {
      commands.push(command)
      return answer
    },
  })
  return [held, commands]
}

test('a command runs only if the criteria before it hold', async () => {
  expect(await running('user me exec a', true)).toEqual([true, ['a']])
  expect(await running('user you exec a', true)).toEqual([false, []])
  expect(await running('exec a user you', true)).toEqual([false, ['a']])
  expect(await running('exec a exec b', false)).toEqual([false, ['a']])
  expect(await running('!exec a', false)).toEqual([true, ['a']])
})

test('a command that was not run fulfils nothing, negated or not', async () => {
  expect(await running('exec a', undefined)).toEqual([false, ['a']])
  expect(await running('!exec a', undefined)).toEqual([false, ['a']])
})
