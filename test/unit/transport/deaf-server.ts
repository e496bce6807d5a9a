// A port that neither accepts nor refuses: its server is stopped and its queue is full, so that the kernel drops
// every further SYN, as a firewall does.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

export interface DeafServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** From now on it accepts, also what has been tried for a while. */
  hear(): void
}

export async function startDeafServer(host: string): Promise<DeafServer> {
  const script = `require('net').createServer((s) => s.on('error', () => {})).listen({ port: 0, host: '${host}', backlog: 1 },
    function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const port = Number(String(line))
  child.kill('SIGSTOP')
  // listen(2): the queue takes one more than its backlog.
  const fillers = [1, 2].map(() => connect({ host, port }).on('error', () => {}))
  await Promise.all(fillers.map((socket) => once(socket, 'connect')))
  return {
    host,
    port,
    hear: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      for (const socket of fillers) socket.destroy()
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
