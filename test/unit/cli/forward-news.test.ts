import { describe, expect, it } from 'vitest'
import { type ForwardName, type ForwardNews, newsDocument, newsLine } from '../../../src/cli/forward-news.js'
import { jsonLine } from '../../../src/cli/json-text.js'
import { SallyportError } from '../../../src/index.js'

const local: ForwardName = { kind: 'local', listens: ['127.0.0.1:80', '[::1]:80'], leadsTo: 'db:5432' }
const proxy: ForwardName = { kind: 'dynamic', listens: ['127.0.0.1:1080'], leadsTo: undefined }
const connection = { id: 3, from: { host: '127.0.0.1', port: 999 }, to: { host: 'db', port: 5432 } }
const error = new SallyportError('CONNECTION_REFUSED', 'nobody\u001b[2J listens\nsallyport: forged')

describe('what happens to a forward', () => {
  it.each<[ForwardName, ForwardNews, string]>([
    [local, { event: 'listening' }, 'local 127.0.0.1:80, [::1]:80 → db:5432: listening'],
    [
      local,
      { event: 'connection', connection },
      'local 127.0.0.1:80, [::1]:80 → db:5432: connection 3 from 127.0.0.1:999 open',
    ],
    [
      proxy,
      { event: 'connection', connection },
      'dynamic 127.0.0.1:1080: connection 3 from 127.0.0.1:999 to db:5432 open',
    ],
    [
      proxy,
      { event: 'refused', connection: { ...connection, error } },
      'dynamic 127.0.0.1:1080: connection 3 from 127.0.0.1:999 to db:5432 refused: ' +
        'nobody\\x1b[2J listens\\nsallyport: forged',
    ],
    [
      local,
      {
        event: 'connection closed',
        connection: {
          id: 1,
          from: undefined,
          to: undefined,
          bytesSent: 12,
          bytesReceived: 2048,
          durationMs: 1234,
          error: undefined,
        },
      },
      'local 127.0.0.1:80, [::1]:80 → db:5432: connection 1 closed after 1.2 s, 12 B sent, 2.0 KiB received',
    ],
    [proxy, { event: 'closed' }, 'dynamic 127.0.0.1:1080: closed'],
  ])('is one line', (name, news, line) => {
    expect(newsLine(name, news)).toBe(line)
  })

  it('is data for programs, on one line without escapes', () => {
    const document = newsDocument(proxy, { event: 'refused', connection: { ...connection, error } })
    const line = jsonLine(document)
    expect(line).not.toMatch(/\p{Cc}/u)
    expect(JSON.parse(line)).toEqual({
      event: 'refused',
      kind: 'dynamic',
      listens: ['127.0.0.1:1080'],
      connection: {
        id: 3,
        from: '127.0.0.1:999',
        to: 'db:5432',
        error: expect.objectContaining({ code: 'CONNECTION_REFUSED', retryable: false }),
      },
    })
  })
})
