// What sudo 1.8 and 1.9 say when they do not run a command, and what is no refusal.

import { describe, expect, test } from 'vitest'
import { findSudoRefusal } from '../../../src/exec/sudo-refusal.js'

const direct = { wasAsked: false, hasBegun: undefined, output: 'stderr' } as const
const marked = { ...direct, hasBegun: false } as const
const find = (stderr: string, state: Parameters<typeof findSudoRefusal>[1] = direct, exitCode = 1) =>
  findSudoRefusal({ exitCode, stdout: '', stderr }, state)

describe('what sudo says', () => {
  test.each([
    ['sudo: a password is required\n', 'SUDO_PASSWORD_NEEDED'],
    ['sudo: sorry, you must have a tty to run sudo\n', 'SUDO_REFUSED'],
    ['eve is not in the sudoers file.  This incident will be reported.\n', 'SUDO_REFUSED'],
    ['eve is not in the sudoers file.\n', 'SUDO_REFUSED'],
    ["Sorry, user eve is not allowed to execute '/bin/ls' as root on web1.\n", 'SUDO_REFUSED'],
    ['Sorry, user eve may not run sudo on web1.\n', 'SUDO_REFUSED'],
    ['sudo: sorry, you are not allowed to preserve the environment\n', 'SUDO_REFUSED'],
    ['sudo: unknown user nobody1\nsudo: error initializing audit plugin sudoers_audit\n', 'SUDO_REFUSED'],
  ])('%j is %s, after a lecture, too', (said, code) => {
    expect(find(said)).toMatchObject({ code })
    expect(find(`sudo: unable to resolve host web1: Name or service not known\n${said}`)).toMatchObject({
      code,
    })
    expect(find(said, marked)).toMatchObject({ code })
    expect(find(said, { ...marked, hasBegun: true })).toBeUndefined()
    expect(find(said, direct, 0)).toBeUndefined()
  })

  test.each([
    'sh: 1: sudo: not found',
    'bash: line 1: sudo: command not found',
    'zsh:1: command not found: sudo',
  ])('%j is a machine without sudo', (said) => {
    expect(find(`${said}\n`, direct, 127)).toMatchObject({ code: 'SUDO_REFUSED' })
    expect(find(`${said}\n`, direct, 126)).toBeUndefined()
  })

  test('one wrong password is refused, where it was asked for and where there was one try', () => {
    const state = { ...direct, wasAsked: true }
    expect(find('\nsudo: 1 incorrect password attempt\n', state)).toMatchObject({
      code: 'SUDO_PASSWORD_REFUSED',
    })
    const said = 'Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n'
    expect(find(said, state)).toMatchObject({ code: 'SUDO_PASSWORD_REFUSED' })
  })

  test('a command that says “try again” itself has run', () => {
    expect(find('Sorry, try again.\n', { ...direct, wasAsked: true })).toBeUndefined()
  })

  test('in another language is still a refusal when the command has not begun', () => {
    expect(find('sudo: ein Passwort ist notwendig\n', marked)).toMatchObject({
      code: 'SUDO_REFUSED',
      what: 'sudo did not run the command',
      line: 'sudo: ein Passwort ist notwendig',
    })
    expect(find('sudo: ein Passwort ist notwendig\n')).toBeUndefined()
  })

  test('of a program that is not there is the command’s failure', () => {
    expect(find('sudo: no-such: command not found\n')).toBeUndefined()
  })

  test('a program says on a terminal is read there', () => {
    const said = { exitCode: 1, stdout: 'sudo: a password is required\r\n', stderr: '' }
    expect(findSudoRefusal(said, { ...direct, output: 'stdout' })).toMatchObject({
      code: 'SUDO_PASSWORD_NEEDED',
    })
    expect(findSudoRefusal(said, direct)).toBeUndefined()
  })
})
