// Requests that a proxy understands: what is sent, where it leads, and what is answered.

import { basic, bytes, socks5 } from './proxy-talk.js'

const socks5Granted = bytes(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)
const socks4Granted = bytes(0, 90, 0, 0, 0, 0, 0, 0)
const httpGranted = 'HTTP/1.1 200 Connection Established\r\n\r\n'
const rightLogin = bytes(1, 3, 'ann', 13, 'correct horse')

export interface TakenRequest {
  readonly name: string
  readonly sent: Buffer
  readonly protocol: string
  readonly to: { readonly host: string; readonly port: number }
  readonly reply: Buffer
  readonly granted: Buffer
  readonly asksForLogin?: boolean
}

export const takenRequests: readonly TakenRequest[] = [
  ...[
    { name: 'an IPv4 address', host: [1, 10, 0, 0, 7], to: '10.0.0.7' },
    { name: 'a name', host: [3, 11, 'db.Internal'], to: 'db.Internal' },
    { name: 'a name with an underscore', host: [3, 5, '_a-b.'], to: '_a-b.' },
    { name: 'a name of 255 bytes', host: [3, 255, 'a'.repeat(255)], to: 'a'.repeat(255) },
    { name: 'IPv4 as a name', host: [3, 9, '127.0.0.1'], to: '127.0.0.1' },
    { name: 'IPv6', host: [4, 0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 1], to: '2001:db8::1' },
    { name: 'IPv6 loopback', host: [4, ...Array(15).fill(0), 1], to: '::1' },
    {
      name: 'IPv4 in IPv6',
      host: [4, ...Array(10).fill(0), 255, 255, 10, 0, 0, 7],
      to: '::ffff:10.0.0.7',
    },
    { name: 'IPv6 as a name', host: [3, 15, '0:0:0:0:0:0:0:1'], to: '::1' },
    { name: 'IPv6 in brackets', host: [3, 13, '[2001:DB8::1]'], to: '2001:db8::1' },
    { name: 'IPv6 with a zone', host: [3, 12, 'fe80::1%eth0'], to: 'fe80::1%eth0' },
  ].map(({ name, host, to }) => ({
    name: `SOCKS 5, ${name}`,
    sent: socks5(host, [1, 187]),
    protocol: 'SOCKS 5',
    to: { host: to, port: 443 },
    reply: bytes(5, 0),
    granted: socks5Granted,
  })),
  {
    name: 'SOCKS 5, several methods',
    sent: bytes(5, 3, 2, 1, 0, 5, 1, 0, 1, 10, 0, 0, 7, 255, 255),
    protocol: 'SOCKS 5',
    to: { host: '10.0.0.7', port: 65_535 },
    reply: bytes(5, 0),
    granted: socks5Granted,
  },
  {
    name: 'SOCKS 5 with a login',
    sent: Buffer.concat([bytes(5, 2, 0, 2), rightLogin, bytes(5, 1, 0, 3, 1, 'h', 0, 22)]),
    protocol: 'SOCKS 5',
    to: { host: 'h', port: 22 },
    reply: bytes(5, 2, 1, 0),
    granted: socks5Granted,
    asksForLogin: true,
  },
  {
    name: 'SOCKS 4',
    sent: bytes(4, 1, 0, 80, 10, 0, 0, 7, 'root', 0),
    protocol: 'SOCKS 4',
    to: { host: '10.0.0.7', port: 80 },
    reply: bytes(),
    granted: socks4Granted,
  },
  {
    name: 'SOCKS 4 without a user id, to address 0',
    sent: bytes(4, 1, 0, 80, 0, 0, 0, 0, 0),
    protocol: 'SOCKS 4',
    to: { host: '0.0.0.0', port: 80 },
    reply: bytes(),
    granted: socks4Granted,
  },
  {
    name: 'SOCKS 4a with the longest texts',
    sent: bytes(4, 1, 0, 80, 0, 0, 0, 255, 'u'.repeat(255), 0, 'n'.repeat(255), 0),
    protocol: 'SOCKS 4a',
    to: { host: 'n'.repeat(255), port: 80 },
    reply: bytes(),
    granted: socks4Granted,
  },
  ...[
    { name: 'a name', head: 'CONNECT db.internal:5432 HTTP/1.1\r\nHost: x\r\n\r\n' },
    { name: 'version 1.0', head: 'CONNECT db.internal:5432 HTTP/1.0\r\n\r\n' },
    { name: 'odd fields', head: 'CONNECT db.internal:05432 HTTP/1.1\r\nA:\r\nb: \t c d\xe9 \t\r\n\r\n' },
    {
      name: 'a login',
      head: `CONNECT db.internal:5432 HTTP/1.1\r\n${basic('ann:correct horse')}\r\n`,
      asksForLogin: true,
    },
    {
      name: 'a login in other letters',
      head: `CONNECT db.internal:5432 HTTP/1.1\r\n${basic('ann:correct horse').replace('Proxy-A', 'proxy-a').replace('Basic ', 'bASIC  ')}\r\n`,
      asksForLogin: true,
    },
  ].map(({ name, head, ...rest }) => ({
    name: `HTTP, ${name}`,
    sent: bytes(head),
    protocol: 'HTTP',
    to: { host: 'db.internal', port: 5432 },
    reply: bytes(),
    granted: bytes(httpGranted),
    ...rest,
  })),
  {
    name: 'HTTP, IPv6',
    sent: bytes('CONNECT [2001:0db8::0:1]:443 HTTP/1.1\r\n\r\n'),
    protocol: 'HTTP',
    to: { host: '2001:db8::1', port: 443 },
    reply: bytes(),
    granted: bytes(httpGranted),
  },
]
