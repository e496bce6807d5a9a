import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { expect, it } from 'vitest'
import { tempHome } from '../../support/temp-home.js'

it('the home is another one without an agent, and the old one again afterwards', () => {
  const before = { home: homedir(), agent: process.env['SSH_AUTH_SOCK'] }
  {
    using home = tempHome()
    expect(homedir()).toBe(home.path)
    expect(process.env['SSH_AUTH_SOCK']).toBeUndefined()
    const file = home.write('.ssh/config', 'Host *\n')
    expect(file).toBe(home.ssh('config'))
    expect(readFileSync(file, 'utf8')).toBe('Host *\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(home.ssh('.')).mode & 0o777).toBe(0o700)
  }
  expect({ home: homedir(), agent: process.env['SSH_AUTH_SOCK'] }).toEqual(before)
})
