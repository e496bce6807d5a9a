import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { leakCheck } from '../../support/leak-check.js'
import { startRawServer } from '../../support/raw-server.js'

leakCheck()

it('a script answers what it was told, and the bytes are remembered', async () => {
  await using server = await startRawServer(async (peer) => {
    peer.send('who is there\n')
    await peer.waitFor('me')
    peer.send('come in\n')
    peer.socket.end()
  })
  const client = connect(server.port, server.host)
  let heard = ''
  client.on('data', (chunk) => {
    heard += String(chunk)
    if (heard === 'who is there\n') client.write('it is me')
  })
  await once(client, 'close')
  expect(heard).toBe('who is there\ncome in\n')
  expect(server.peers[0]?.received().toString()).toBe('it is me')
})

it('a script that fails fails the test that disposes the server', async () => {
  const server = await startRawServer(() => Promise.reject(new Error('broken script')))
  const client = connect(server.port, server.host)
  await once(client, 'connect')
  await expect.poll(() => server.peers.length).toBe(1)
  await expect(server[Symbol.asyncDispose]()).rejects.toThrow('broken script')
  client.destroy()
})
