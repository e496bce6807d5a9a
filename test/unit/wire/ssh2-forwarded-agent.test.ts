import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import { forwardedAgent } from '../../../src/wire/ssh2-forwarded-agent.js'
import { scratchDir } from '../../support/run-dir.js'

const path = join(scratchDir('forwarded-agent'), 'socket')
const server = createServer({ pauseOnConnect: true })
afterEach(() => server.close())

async function connected(): Promise<{ readonly stream: Duplex; readonly agent: Socket }> {
  const accepted = once(server, 'connection')
  const stream = await new Promise<Duplex>((resolve, reject) =>
    forwardedAgent(path).getStream?.((error, stream) =>
      stream === undefined ? reject(error) : resolve(stream),
    ),
  )
  const [agent] = await accepted
  return { stream, agent: agent as Socket }
}

it('an agent that dies with a question unread comes to an end all the same', async () => {
  server.listen(path)
  await once(server, 'listening')
  const { stream, agent } = await connected()
  const events: string[] = []
  for (const event of ['error', 'end', 'close']) stream.on(event, () => events.push(event))
  stream.resume()
  // Written to the end, it lies in what the agent would have to read.
  await new Promise((resolve) => stream.write('question', resolve))
  agent.destroy()
  await new Promise((resolve) => stream.once('close', resolve))
  expect(events).toEqual(['error', 'end', 'close'])
})
