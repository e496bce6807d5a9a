// The agent that a hop may use through us. ssh2 tells the far side of the agent's end only when the socket ends in
// peace: who waits there for an agent that died (ECONNRESET) would wait for ever (ssh2 1.17, client.js,
// auth-agent@openssh.com). It can go when test/unit/wire/ssh2-forwarded-agent.test.ts passes without it.

import ssh2, { type BaseAgent } from 'ssh2'

/** The agent at `socket`, whose streams always come to an end, whatever becomes of it. */
export function forwardedAgent(socket: string): BaseAgent {
  const agent = ssh2.createAgent(socket)
  const getStream = agent.getStream?.bind(agent)
  agent.getStream = (callback) =>
    getStream?.((error, stream) => {
      stream?.once('close', () => {
        if (!stream.readableEnded) stream.emit('end')
      })
      callback(error, stream)
    })
  return agent
}
