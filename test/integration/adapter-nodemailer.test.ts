// `nodemailer` on a real SMTP server behind sshd.

import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodemailerGetSocket } from '../../src/adapters/index.js'
import type { Connection } from '../../src/index.js'
import { type Gateways, startGateways } from '../support/gateways.js'
import { leakCheck } from '../support/leak-check.js'
import { signalAll } from '../support/proc.js'
import { type SmtpServer, startSmtpServer } from '../support/smtp-server.js'
import { freePort } from '../support/sshd.js'

leakCheck()
let server: SmtpServer
let secureServer: SmtpServer
let gateways: Gateways
beforeAll(async () => {
  ;[server, secureServer] = await Promise.all([startSmtpServer(), startSmtpServer({ secure: true })])
  gateways = await startGateways()
})
afterAll(async () => {
  await gateways?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await secureServer?.[Symbol.asyncDispose]()
})

const mail = (subject: string) => ({
  from: 'ops@example.com',
  to: 'watch@example.com',
  subject,
  text: `about ${subject}`,
})

const transportTo = (to: SmtpServer, connection: Connection, options = {}) =>
  createTransport({
    ...{ host: to.host, port: to.port, secure: to === secureServer, tls: { ca: to.ca } },
    getSocket: nodemailerGetSocket(connection),
    ...options,
  })

test.each([1, 2] as const)('a mail is sent with STARTTLS through %i sshd', (hops) =>
  gateways.withConnection(hops, async (connection) => {
    const transport = transportTo(server, connection, { requireTLS: true })
    const subject = `through ${hops}`
    expect(await transport.sendMail(mail(subject))).toMatchObject({ accepted: ['watch@example.com'] })
    expect(server.messages().some((text) => text.includes(`about ${subject}`))).toBe(true)
    await server.log.waitFor(/>> b'STARTTLS'/)
    transport.close()
    await gateways.allFreed()
    expect(connection.state).toBe('open')
  }),
)

test('a mail is sent with TLS from the first byte', () =>
  gateways.withConnection(1, async (connection) => {
    const transport = transportTo(secureServer, connection)
    expect(await transport.verify()).toBe(true)
    await transport.sendMail(mail('secure'))
    expect(secureServer.messages().at(-1)).toContain('about secure')
    transport.close()
    await gateways.allFreed()
  }))

test('a pool sends many mails over one login and few channels, and works again after a loss', () =>
  gateways.withConnection(2, async (connection) => {
    const transport = createTransport({
      ...{ pool: true, maxConnections: 3, host: server.host, port: server.port, tls: { ca: server.ca } },
      getSocket: nodemailerGetSocket(connection),
    })
    const before = gateways.counts()
    const subjects = Array.from({ length: 20 }, (_, index) => `pooled ${index}`)
    await Promise.all(subjects.map((subject) => transport.sendMail(mail(subject))))
    const after = gateways.counts()
    expect(after.logins).toBe(before.logins + 1)
    expect(after.opened - before.opened).toBeLessThanOrEqual(3)
    await gateways.lose(connection)
    await transport.sendMail(mail('after the loss'))
    expect(server.messages().some((text) => text.includes('about after the loss'))).toBe(true)
    expect(gateways.counts().logins).toBe(before.logins + 2)
    transport.close()
    await gateways.allFreed()
  }))

test('a certificate of another name is refused, and no mail is sent', () =>
  gateways.withConnection(1, async (connection) => {
    const count = server.messages().length
    const transport = transportTo(server, connection, { host: '127.0.0.1' })
    await expect(transport.sendMail(mail('misled'))).rejects.toThrow('does not match certificate')
    expect(server.messages()).toHaveLength(count)
    transport.close()
    await gateways.allFreed()
  }))

test('a refused port is ECONNREFUSED, and the gateway serves others', () =>
  gateways.withConnection(1, async (connection) => {
    const transport = transportTo(server, connection, { port: await freePort('127.0.0.1') })
    await expect(transport.sendMail(mail('nobody'))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      cause: { code: 'CONNECTION_REFUSED' },
    })
    expect((await connection.run('echo here')).stdout).toBe('here\n')
    transport.close()
  }))

test('the transport’s own connection time-out takes back the channel, and not the gateway', () =>
  gateways.withConnection(1, async (connection) => {
    await connection.open()
    const transport = transportTo(server, connection, { connectionTimeout: 300 })
    const { logins } = gateways.counts()
    const sessions = gateways.chain.at(1).sessions()
    signalAll(sessions, 'SIGSTOP')
    try {
      await expect(transport.sendMail(mail('late'))).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    } finally {
      signalAll(sessions, 'SIGCONT')
    }
    await connection.run('true')
    await gateways.allFreed()
    expect(gateways.counts().logins).toBe(logins)
    transport.close()
  }))
