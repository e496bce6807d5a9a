// What a socket's inode stands for, as /proc tells it.

import { textOf } from './proc.js'

const states = [
  '',
  'established',
  'syn-sent',
  'syn-received',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'closed',
]
const laterStates = ['close-wait', 'last-ack', 'listening', 'closing']

/** `tcp 127.0.0.1:40000 to 127.0.0.2:22, established`, a unix socket's path, or that it is some other socket. */
export function describeSocket(inode: string): string {
  for (const line of textOf('/proc/net/tcp').split('\n')) {
    const [, local, remote, state = '', , , , , , found] = line.trim().split(/\s+/)
    if (found !== inode || local === undefined || remote === undefined) continue
    const name = [...states, ...laterStates][Number.parseInt(state, 16)] ?? state
    return `tcp ${ipv4(local)} to ${ipv4(remote)}, ${name}`
  }
  for (const line of textOf('/proc/net/unix').split('\n')) {
    const fields = line.trim().split(/\s+/)
    if (fields[6] === inode) return `unix ${fields[7] ?? 'without a name'}`
  }
  return 'neither an IPv4 nor a unix socket, or unbound'
}

/** `0100007F:1F90`: the address in the machine's byte order, which is little-endian here. */
function ipv4(field: string): string {
  const [address = '', port = ''] = field.split(':')
  const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
  return `${bytes.reverse().join('.')}:${Number.parseInt(port, 16)}`
}
