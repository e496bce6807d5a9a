import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { SallyportError } from '../../../src/errors.js'
import { openChannelLink } from '../../../src/transport/channel.js'
import type { Session } from '../../../src/wire/wire.js'
import { leakCheck } from '../../support/leak-check.js'
import { hop, rejection } from './hop.js'

leakCheck()

const address = { host: 'db.internal', port: 22 }
const { signal } = new AbortController()
const sessionThat = (openStream: Session['openStream']): Session =>
  ({ openStream }) as Partial<Session> as Session

describe('openChannelLink', () => {
  it('opens a channel to the address and closes nothing but that', async () => {
    const calls: unknown[] = []
    const stream = new PassThrough()
    const session = sessionThat((...args) => {
      calls.push(...args)
      return Promise.resolve(stream)
    })
    const link = await openChannelLink({ session, address, hop, signal })
    expect(calls).toEqual([address, { signal, towards: hop }])
    expect(link.stream).toBe(stream)
    expect(link.description).toBe('direct-tcpip')
    link.unref()
    link.ref()
    await link.close()
    expect(stream.closed).toBe(true)
  })

  it('tells a unix socket from a port', async () => {
    const session = sessionThat(() => Promise.resolve(new PassThrough()))
    const link = await openChannelLink({ session, address: { path: '/run/app.sock' }, hop, signal })
    expect(link.description).toBe('direct-streamlocal@openssh.com')
    await link.close()
  })

  it('rejects as the session does', async () => {
    const refused = new SallyportError('FORWARD_PROHIBITED', 'refused a channel')
    const session = sessionThat(() => Promise.reject(refused))
    expect(await rejection(openChannelLink({ session, address, hop, signal }))).toBe(refused)
  })

  it('does not ask the session when it is aborted before', async () => {
    const session = sessionThat(() => Promise.reject(new Error('asked')))
    const error = await rejection(openChannelLink({ session, address, hop, signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ code: 'ABORT_ERR', hop, phase: 'channel' })
  })
})
