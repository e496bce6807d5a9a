import { expect, test } from 'vitest'
import { sessionTerms } from '../../../src/hops/session-terms.js'
import { sampleHop } from './sample-hop.js'

const env = {
  LANG: 'C',
  LC_ALL: 'de_DE',
  LC_TIME: 'C',
  lc_x: 'no',
  HOME: '/root',
  __proto__x: 'p',
  GONE: undefined,
}

test('the variables that a pattern names are sent, letter by letter, and those that are set beat them', () => {
  const { settings } = sampleHop({
    sendEnv: ['LC_*', 'LAN?', 'GONE'],
    setEnv: { LC_TIME: 'fr_FR', EXTRA: 'a b' },
  })
  expect(sessionTerms(settings, env).env).toEqual({
    LANG: 'C',
    LC_ALL: 'de_DE',
    LC_TIME: 'fr_FR',
    EXTRA: 'a b',
  })
})

test('nothing is sent that was not named', () => {
  expect(sessionTerms(sampleHop().settings, env).env).toEqual({})
})

test('none is no command', () => {
  const commandOf = (remoteCommand: string): unknown =>
    sessionTerms(sampleHop({ remoteCommand }).settings, env).remoteCommand
  expect(['none', 'None', 'none -x'].map(commandOf)).toEqual([undefined, undefined, 'none -x'])
})
