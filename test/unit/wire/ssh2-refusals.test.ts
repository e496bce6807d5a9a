import { describe, expect, it } from 'vitest'
import { sessionRefused, streamRefused } from '../../../src/wire/ssh2-refusals.js'

const gateway = { index: 0, count: 1, user: 'ops', host: 'gw', port: 22 }
const towards = { index: 1, count: 2, user: 'ops', host: 'db', port: 22, via: 'gw' }
const address = { host: 'db', port: 22 }
const refused = (text: string, reason?: number): Error =>
  Object.assign(new Error(`(SSH) Channel open failure: ${text}`), { reason })

describe('a stream that a server would not open', () => {
  it('is the server’s own doing, with what to ask of it', () => {
    const error = streamRefused(refused('open failed', 1), { gateway, address, towards })
    expect(error).toMatchObject({
      code: 'FORWARD_PROHIBITED',
      reason: 1,
      phase: 'channel',
      message: 'gw (hop 1 of 2): refused a channel to db:22: administratively prohibited',
      hint: expect.stringContaining('PermitOpen without db:22'),
    })
  })

  it.each([3, 4, 99, undefined])('for the reason %s is refused, in its own words', (reason) => {
    expect(streamRefused(refused('no \x1bmore', reason), { gateway, address, towards })).toMatchObject({
      code: 'CHANNEL_REFUSED',
      reason: reason ?? 0,
      message: 'gw (hop 1 of 2): could not open a channel to db:22: no \\x1bmore',
    })
  })

  it('because the connection broke is lost', () => {
    const error = Object.assign(new Error('read'), { code: 'ECONNRESET' })
    expect(streamRefused(error, { gateway, address, towards })).toMatchObject({ code: 'CONNECTION_LOST' })
  })
})

describe('a stream that a server could not open', () => {
  it.each([
    ['Connection refused', 'CONNECTION_REFUSED'],
    ['Name or service not known', 'NAME_NOT_FOUND'],
    ['Temporary failure in name resolution', 'NAME_NOT_FOUND'],
    ['Connection timed out', 'CONNECTION_FAILED'],
  ])('with %j is laid to the hop that it was to reach', (text, code) => {
    expect(streamRefused(refused(text, 2), { gateway, address, towards })).toMatchObject({
      code,
      hop: towards,
      message: `db (hop 2 of 2): the gateway could not connect to db:22: ${text}`,
    })
  })

  it('may have no words for it, as with Dropbear', () => {
    expect(streamRefused(refused('', 2), { gateway, address, towards })).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: 'db (hop 2 of 2): the gateway could not connect to db:22: no reason given',
    })
  })

  it('is laid to the server where it was for no hop', () => {
    const request = { gateway, address: { path: '/run/app.sock' }, towards: undefined }
    expect(streamRefused(refused('Connection refused', 2), request)).toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: 'gw: could not open a channel to /run/app.sock: Connection refused',
    })
  })
})

describe('a command that a server did not start', () => {
  it('was refused its channel, or was refused itself', () => {
    expect(sessionRefused(refused('open failed', 2), gateway)).toMatchObject({
      code: 'CHANNEL_REFUSED',
      reason: 2,
      message: 'gw: refused a session channel: open failed',
      hint: expect.stringContaining('MaxSessions'),
    })
    expect(sessionRefused(new Error('Unable to exec'), gateway)).toMatchObject({
      code: 'CHANNEL_REFUSED',
      message: 'gw: did not start the command: Unable to exec',
    })
  })
})
