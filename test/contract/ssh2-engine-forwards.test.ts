import { describe, expect, test } from 'vitest'
import {
  cancelListen,
  type OfferedChannel,
  requestListen,
  takeOfferedChannels,
} from '../../src/wire/ssh2-engine-forwards.js'
import { connectedClient } from './connected-client.js'

// What we use of ssh2's forwards beyond its public interface; the rest is in ssh2-engine.test.ts.

describe('the ssh2 that we pinned', () => {
  test('has what is asked for and answered by a server that listens for us', () => {
    const client = connectedClient()
    const sent: unknown[] = []
    const { _callbacks, _protocol } = client as unknown as {
      _callbacks: ((failed: boolean, data?: Buffer) => void)[]
      _protocol: Record<string, unknown>
    }
    for (const name of [
      'tcpipForward',
      'cancelTcpipForward',
      'openssh_streamLocalForward',
      'openssh_cancelStreamLocalForward',
    ]) {
      expect(_protocol[name]).toBeTypeOf('function')
      _protocol[name] = (...args: unknown[]) => sent.push([name, ...args])
    }
    const answers: unknown[] = []
    const answered = (answer?: unknown): void => void answers.push(answer)
    requestListen(client, { address: { host: '', port: 0 }, answered })
    requestListen(client, { address: { path: '/s' }, answered })
    cancelListen(client, { address: { host: '', port: 7 }, answered })
    cancelListen(client, { address: { path: '/s' }, answered })
    expect(sent).toEqual([
      ['tcpipForward', '', 0, true],
      ['openssh_streamLocalForward', '/s', true],
      ['cancelTcpipForward', '', 7, true],
      ['openssh_cancelStreamLocalForward', '/s', true],
    ])
    const [first, second, third, fourth] = _callbacks.splice(0)
    first?.(false, Buffer.of(0, 0, 1, 0))
    second?.(true)
    third?.(false)
    fourth?.(true)
    expect(answers).toEqual([{ listens: true, port: 256 }, { listens: false }, undefined, undefined])
    client.destroy()
  })

  test('lets in a socket that nobody asked for because its books have a prototype, and is kept from it', () => {
    const client = connectedClient()
    const { _protocol } = client as unknown as {
      _protocol: {
        _handlers: Record<string, (protocol: unknown, info: object) => void>
        channelOpenFail: (...args: unknown[]) => void
        channelOpenConfirm: (...args: unknown[]) => void
      }
    }
    const said: unknown[] = []
    _protocol.channelOpenFail = (id, reason) => said.push([id, reason])
    _protocol.channelOpenConfirm = (id) => said.push([id])
    const offer = (sender: number, socketPath: string, packetSize = 1000): void =>
      _protocol._handlers['CHANNEL_OPEN']?.(undefined, {
        type: 'forwarded-streamlocal@openssh.com',
        ...{ sender, window: 1000, packetSize },
        data: { socketPath },
      })
    const emitted: unknown[] = []
    client.on('unix connection', (info) => emitted.push(info))
    offer(1, 'constructor')
    expect(emitted).toHaveLength(1)
    expect(said).toEqual([])

    client.removeAllListeners('unix connection')
    const offered: OfferedChannel[] = []
    const asked: unknown[] = []
    takeOfferedChannels(client, (place) => {
      asked.push(place)
      return 'path' in place && place.path === '/asked' ? (channel) => offered.push(channel) : undefined
    })
    offer(2, 'constructor')
    offer(3, '/asked')
    offer(4, '/asked')
    offer(5, '/asked', 0)
    expect(asked).toEqual([{ path: 'constructor' }, { path: '/asked' }, { path: '/asked' }])
    expect(said).toEqual([
      [2, 1],
      [5, 1],
    ])
    expect(offered[0]?.accept()).toMatchObject({ type: 'forwarded-streamlocal@openssh.com' })
    offered[1]?.refuse()
    expect(said.slice(2)).toEqual([[3], [4, 2]])
    client.destroy()
  })
})
