import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { leakCheck } from '../../support/leak-check.js'
import { createNetns } from '../../support/netns.js'
import { startSshd } from '../../support/sshd.js'

leakCheck()

const execute = promisify(execFile)

it('a host behind a gateway can be reached through the gateway and in no other way', async () => {
  await using outer = await createNetns()
  await using inner = await createNetns({ uplink: outer })
  await using gateway = await startSshd({ netns: outer })
  await using target = await startSshd({ netns: inner })
  await expect(execute('ssh', [...target.sshArgs(), 'true'])).rejects.toThrow(/No route to host|unreachable/)
  const proxy = `ssh ${gateway.sshArgs().slice(0, -1).join(' ')} -W %h:%p ${gateway.user}@${gateway.host}`
  const { stdout } = await execute('ssh', ['-o', `ProxyCommand=${proxy}`, ...target.sshArgs(), 'echo in'])
  expect(stdout).toBe('in\n')
  expect(target.connections()).toMatchObject([{ peerHost: inner.uplinkAddress }])
})

it.each(['linkDown', 'blackholeRoute'] as const)(
  'after %s the server is silent, and speaks again when it is undone',
  async (fault) => {
    await using netns = await createNetns()
    await using sshd = await startSshd({ netns })
    await netns[fault]()
    const socket = connect(sshd.port, sshd.host)
    let fate = 'silence'
    socket.on('connect', () => (fate = 'connected'))
    socket.on('error', (error) => (fate = error.message))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(fate).toBe('silence')
    await (fault === 'linkDown' ? netns.linkUp() : netns.restoreRoute())
    await once(socket, 'connect')
    socket.destroy()
  },
)
