import { expect, test } from 'vitest'
import { matchesCommaList, matchesHostList, matchesPattern, matchList } from '../../../src/config/pattern.js'

test.each([
  ['db', 'db', true],
  ['db', 'd?', true],
  ['db', '???', false],
  ['db', '', false],
  ['db', '*', true],
  ['', '*', true],
  ['db.internal', '*.internal', true],
  ['db.internal', 'db.*n*l', true],
  ['db.internal', '*.intern', false],
  ['db.internal', '**?**', true],
  ['a.b', 'a[.]b', false],
  ['axb', 'a.b', false],
])('the text %s and the pattern %s: %s', (text, pattern, matches) => {
  expect(matchesPattern(text, pattern)).toBe(matches)
})

test.each([
  ['db.internal', 'web,db.internal', true],
  ['db.internal', '*.internal,!db.internal', false],
  ['db.internal', '!db.internal,*.internal', false],
  ['web.internal', '*.internal,!db.internal', true],
  ['web.internal', '!db.internal', false],
  ['db.internal', 'DB.Internal', true],
  ['[db.internal]:2222', '[db.internal]:2222', true],
  ['[db.internal]:2222', 'db.internal', false],
  ['[db.internal]:2222', '[*.internal]:*', true],
  ['2001:db8::1', '2001:db8::*', true],
  ['db', '', false],
  ['db', ',,db,', true],
  ['db', `${'x'.repeat(1023)},db`, false],
])('the host %s and the list %s: %s', (host, list, matches) => {
  expect(matchesHostList(host, list)).toBe(matches)
})

test('a hostile pattern takes no longer than text times pattern', () => {
  const text = 'a'.repeat(2000)
  const start = performance.now()
  expect(matchesPattern(text, `${'a*'.repeat(500)}b`)).toBe(false)
  expect(performance.now() - start).toBeLessThan(1000)
})

test.each([
  ['db', ['web', 'd?'], 'yes'],
  ['db', ['d?', '!db'], 'vetoed'],
  ['db', ['!db', 'd?'], 'vetoed'],
  ['db', ['!web'], 'no'],
  ['DB', ['db'], 'no'],
  ['db', ['web,db'], 'no'],
  ['db', [], 'no'],
] as const)('the words of Host compare %s with %j, letters as they are: %s', (text, patterns, match) => {
  expect(matchList(text, patterns)).toBe(match)
})

test.each([
  ['Ops', 'ops,Ops', true],
  ['ops', 'Ops', false],
  ['ops', '*,!ops', false],
  ['', 'ops,', false],
  ['', ',ops', true],
  ['', '', false],
])('the user %j and the list %j: %s', (user, list, matches) => {
  expect(matchesCommaList(user, list)).toBe(matches)
})
