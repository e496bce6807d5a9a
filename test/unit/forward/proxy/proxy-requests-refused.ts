// What a proxy refuses to understand: what is sent, what is answered, and what is said of it here.

import { basic, bytes, socks4Refused, socks5 } from './proxy-talk.js'

export interface RefusedRequest {
  readonly name: string
  readonly sent: Buffer
  readonly reply: Buffer | RegExp
  readonly what: string
  readonly asksForLogin?: boolean
}

export const socks5Reply = (code: number) => bytes(5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0)
const malformed = (what: string) => ({
  reply: /^HTTP\/1\.1 400 Bad Request\r\n/,
  what: `sent an HTTP request with a malformed ${what}`,
})
const cannotBe = 'asked for a destination that there cannot be'

export const refusedRequests: readonly RefusedRequest[] = [
  ...[0, 1, 2, 3, 6, 0x16, 0x20, 0x61, 0x80, 0xff].map((first) => ({
    name: `the first byte ${first}`,
    sent: bytes(first, 1, 0),
    reply: bytes(),
    what: 'speaks neither SOCKS nor HTTP',
  })),
  // SOCKS 5
  {
    name: 'SOCKS 5 without methods',
    sent: bytes(5, 0),
    reply: bytes(5, 255),
    what: 'wants to log in, which is not asked for here',
  },
  {
    name: 'SOCKS 5 with other methods only',
    sent: bytes(5, 2, 1, 2),
    reply: bytes(5, 255),
    what: 'wants to log in, which is not asked for here',
  },
  {
    name: 'SOCKS 5 without a login',
    sent: bytes(5, 1, 0),
    reply: bytes(5, 255),
    what: 'does not log in',
    asksForLogin: true,
  },
  ...[
    { name: 'a wrong password', sent: bytes(1, 3, 'ann', 13, 'correct-horse') },
    { name: 'a wrong user', sent: bytes(1, 3, 'Ann', 13, 'correct horse') },
    { name: 'a part of the password', sent: bytes(1, 3, 'ann', 7, 'correct') },
    { name: 'an empty user and password', sent: bytes(1, 0, 0) },
    { name: 'the two moved into each other', sent: bytes(1, 16, 'anncorrect horse', 0) },
  ].map(({ name, sent }) => ({
    name: `SOCKS 5 with ${name}`,
    sent: Buffer.concat([bytes(5, 1, 2), sent]),
    reply: bytes(5, 2, 1, 1),
    what: 'sent a wrong user or password',
    asksForLogin: true,
  })),
  {
    name: 'SOCKS 5 with a login of another version',
    sent: bytes(5, 1, 2, 5),
    reply: bytes(5, 2, 1, 1),
    what: 'sent a login of another version than RFC 1929',
    asksForLogin: true,
  },
  ...[2, 3, 0, 240].map((command) => ({
    name: `SOCKS 5 with the command ${command}`,
    sent: bytes(5, 1, 0, 5, command, 0, 1, 10, 0, 0, 7, 0, 80),
    reply: socks5Reply(7),
    what: 'asked by SOCKS 5 for another than CONNECT',
  })),
  {
    name: 'SOCKS 5 and then a request of 4',
    sent: bytes(5, 1, 0, 4, 1, 0, 80),
    reply: bytes(5, 0),
    what: 'sent a request of another version within SOCKS 5',
  },
  {
    name: 'SOCKS 5 with another reserved byte',
    sent: bytes(5, 1, 0, 5, 1, 1, 1),
    reply: socks5Reply(1),
    what: 'sent a malformed SOCKS 5 request',
  },
  ...[0, 2, 5, 255].map((type) => ({
    name: `SOCKS 5 with the address type ${type}`,
    sent: bytes(5, 1, 0, 5, 1, 0, type),
    reply: socks5Reply(8),
    what: 'asked for a type of address that there is not',
  })),
  ...[
    { name: 'an empty name', sent: socks5([3, 0]) },
    { name: 'port 0', sent: socks5([1, 10, 0, 0, 7], [0, 0]) },
    ...[
      'a\nb',
      'a\0',
      'a b',
      '\x1b[2J',
      '-oProxyCommand',
      'a/b',
      'é',
      'a@b',
      'host:22',
      '[a]',
      '[]',
      '::g',
    ].map((name) => ({ name: `the name ${JSON.stringify(name)}`, sent: socks5([3, name.length, name]) })),
  ].map(({ name, sent }) => ({ name: `SOCKS 5 with ${name}`, sent, reply: socks5Reply(1), what: cannotBe })),
  // SOCKS 4
  ...[2, 0, 255].map((command) => ({
    name: `SOCKS 4 with the command ${command}`,
    sent: bytes(4, command, 0, 80, 10, 0, 0, 7, 0),
    reply: socks4Refused,
    what: 'asked by SOCKS 4 for another than CONNECT',
  })),
  {
    name: 'SOCKS 4 where there is a login',
    sent: bytes(4),
    reply: socks4Refused,
    what: 'SOCKS 4 has no password, and this proxy asks for one',
    asksForLogin: true,
  },
  {
    name: 'SOCKS 4 with an endless user id',
    sent: bytes(4, 1, 0, 80, 10, 0, 0, 7, 'u'.repeat(256)),
    reply: socks4Refused,
    what: 'sent a user id of more than 255 bytes',
  },
  {
    name: 'SOCKS 4a with an endless name',
    sent: bytes(4, 1, 0, 80, 0, 0, 0, 1, 0, 'n'.repeat(256)),
    reply: socks4Refused,
    what: 'sent a name of more than 255 bytes',
  },
  ...[
    { name: 'SOCKS 4a with an empty name', sent: bytes(4, 1, 0, 80, 0, 0, 0, 1, 0, 0) },
    { name: 'SOCKS 4a with a control character', sent: bytes(4, 1, 0, 80, 0, 0, 0, 1, 0, 'a\r', 0) },
    { name: 'SOCKS 4 with port 0', sent: bytes(4, 1, 0, 0, 10, 0, 0, 7, 0) },
  ].map(({ name, sent }) => ({ name, sent, reply: socks4Refused, what: cannotBe })),
  // HTTP
  ...['GET', 'POST', 'OPTIONS', 'PRI', 'Connect'].map((method) => ({
    name: `HTTP ${method}`,
    sent: bytes(`${method} http://db.internal/ HTTP/1.1\r\nHost: db.internal\r\n\r\n`),
    reply:
      /^HTTP\/1\.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n.*\r\n\r\nthis proxy opens tunnels by CONNECT, and serves no other method\n$/s,
    what: 'asked by HTTP for another method than CONNECT',
  })),
  ...[
    'CONNECT db:22',
    'CONNECT db:22 HTTP/2.0',
    'CONNECT  db:22 HTTP/1.1',
    'CONNECT db:22 HTTP/1.1 ',
    'CONNECT db:22\tHTTP/1.1',
    'CONNECT d\xe9:22 HTTP/1.1',
    'CONNECT db:22 HTTP/1.1\nA: b',
    'CONNECT',
    'SSH-2.0-OpenSSH_9.2',
    'A'.repeat(33),
  ].map((line) => ({
    name: `the HTTP line ${JSON.stringify(line)}`,
    sent: bytes(`${line}\r\n\r\n`),
    ...malformed('request line'),
  })),
  ...[
    'db',
    'db:',
    ':22',
    'db:0',
    'db:65536',
    'db:022222',
    'db:+22',
    'a:b:22',
    '::1:22',
    '[::1]',
    '[::g]:22',
    '[db]:22',
    '-db:22',
    'http://db:22',
    'a@db:22',
    '/run/app.sock:22',
    'db%41:22',
  ].map((target) => ({
    name: `HTTP CONNECT ${target}`,
    sent: bytes(`CONNECT ${target} HTTP/1.1\r\n\r\n`),
    ...malformed('destination'),
  })),
  ...['no colon', ': empty', 'a : b', ' folded: b', 'a: b\x00', 'a: b\nc: d', 'a: \x7f', 'é: b'].map(
    (line) => ({
      name: `the HTTP field ${JSON.stringify(line)}`,
      sent: bytes(`CONNECT db:22 HTTP/1.1\r\n${line}\r\n\r\n`),
      ...malformed('field'),
    }),
  ),
  {
    name: 'HTTP with 101 fields',
    sent: bytes(`CONNECT db:22 HTTP/1.1\r\n${'a: b\r\n'.repeat(101)}\r\n`),
    ...malformed('number of fields'),
  },
  {
    name: 'HTTP with a head without an end',
    sent: bytes(`CONNECT db:22 HTTP/1.1\r\n${'a: b\r\n'.repeat(3000)}`.slice(0, 16_384)),
    reply: /^HTTP\/1\.1 431 /,
    what: 'sent an HTTP head of more than 16 KiB',
  },
  ...[
    { name: 'no login', fields: '', what: 'does not log in' },
    ...[
      basic('ann:wrong'),
      basic('ann'),
      basic(':'),
      'Proxy-Authorization:\r\n',
      'Proxy-Authorization: Bearer YW5uOmNvcnJlY3QgaG9yc2U=\r\n',
      'Proxy-Authorization: Basic YW5uOmNvcnJlY3QgaG9yc2U=.\r\n',
    ].map((fields) => ({ name: fields.trim(), fields, what: 'sent a wrong user or password' })),
  ].map(({ name, fields, what }) => ({
    name: `HTTP with ${name}`,
    sent: bytes(`CONNECT db:22 HTTP/1.1\r\n${fields}\r\n`),
    reply: /^HTTP\/1\.1 407 .*\r\nProxy-Authenticate: Basic realm="[^"]+", charset="UTF-8"\r\n/,
    what,
    asksForLogin: true,
  })),
  {
    name: 'HTTP with two logins',
    sent: bytes(`CONNECT db:22 HTTP/1.1\r\n${basic('ann:correct horse').repeat(2)}\r\n`),
    ...malformed('number of logins'),
    asksForLogin: true,
  },
]
