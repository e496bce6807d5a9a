// The peer as a child process, and how a client speaks to it through any stream.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./peer.js', import.meta.url))

/** Starts the peer. Resolves with its port and the means to end it. */
export async function startPeer() {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const [line] = await once(child.stdout, 'data')
  return {
    port: Number(line),
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** One byte there and back, so many times, one after the other. */
export async function echo(stream, times) {
  stream.write('e')
  for (let count = 0; count < times; count++) {
    stream.write('x')
    await once(stream, 'data')
  }
}

const piece = Buffer.alloc(128 * 1024)
const mebibyte = 1024 * 1024

/** Reads so many MiB from the peer. */
export async function download(stream, amount) {
  stream.write(request('d', amount))
  let read = 0
  stream.on('data', (data) => {
    read += data.length
  })
  await once(stream, 'end')
  if (read !== amount * mebibyte) throw new Error(`${read} bytes came in place of ${amount} MiB`)
}

/** Writes so many MiB to the peer, and waits until it has read them. */
export async function upload(stream, amount) {
  stream.write(request('u', amount))
  const answered = once(stream, 'data')
  for (let left = amount * mebibyte; left > 0; left -= piece.length) {
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), answered])
  }
  await answered
}

function request(mode, amount) {
  const head = Buffer.alloc(5)
  head.write(mode)
  head.writeUInt32BE(amount, 1)
  return head
}
