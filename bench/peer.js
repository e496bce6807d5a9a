// What stands behind the tunnels, as a process of its own: prints its port, and does what the first byte of each
// connection asks for: `e` sends back whatever comes, `d` and a number of MiB (uint32) sends as much, `u` and a number
// reads as much and answers with one byte.

import { createServer } from 'node:net'

const piece = Buffer.alloc(256 * 1024)
const mebibyte = 1024 * 1024

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.once('readable', () => {
    const [mode] = socket.read(1) ?? []
    if (mode === 'e'.charCodeAt(0)) socket.pipe(socket)
    else withCount(socket, mode === 'd'.charCodeAt(0) ? send : receive)
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

function withCount(socket, act) {
  const head = socket.read(4)
  if (head === null) socket.once('readable', () => withCount(socket, act))
  else act(socket, head.readUInt32BE() * mebibyte)
}

function send(socket, bytes) {
  let left = bytes
  const more = () => {
    while (left > 0) {
      left -= piece.length
      if (!socket.write(piece)) break
    }
    if (left > 0) socket.once('drain', more)
    else socket.end()
  }
  more()
}

function receive(socket, bytes) {
  let left = bytes
  socket.on('data', (data) => {
    left -= data.length
    if (left === 0) socket.end('k')
  })
}
