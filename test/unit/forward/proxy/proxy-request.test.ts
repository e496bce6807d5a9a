// What clients of a proxy may say, and what they are answered, in every way to cut it in pieces.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refusedRequests, socks5Reply } from './proxy-requests-refused.js'
import { takenRequests } from './proxy-requests-taken.js'
import { bytes, socks4Refused, socks5, type Told, tell } from './proxy-talk.js'

describe('a request', () => {
  test.each(takenRequests)('$name, is understood, and nothing that follows is lost', (request) => {
    const { sent, protocol, to, reply, granted, asksForLogin = false } = request
    const late = bytes('hello ', 0, 5, '\r\n\r\n')
    const told = tell([Buffer.concat([sent, late])], { asksForLogin })
    expect(told.reply).toEqual(reply)
    expect(told.outcome).toMatchObject({ result: { protocol, to, granted }, rest: late })
  })

  test.each(takenRequests)('$name, is the same in any two pieces, and byte by byte', (request) => {
    const { sent, to, reply, asksForLogin = false } = request
    const cuts = Array.from({ length: sent.length - 1 }, (_, index) => [
      sent.subarray(0, index + 1),
      sent.subarray(index + 1),
    ])
    const single = Array.from(sent, (byte) => Buffer.of(byte))
    for (const pieces of [...cuts, single]) {
      const told = tell(pieces, { asksForLogin })
      expect(told.reply).toEqual(reply)
      expect(told.outcome).toMatchObject({ result: { to }, rest: bytes() })
    }
  })

  test.each(takenRequests)('$name, asks for no more than its own bytes, and no less', (request) => {
    const { sent, asksForLogin = false } = request
    for (let length = 1; length < sent.length; length++)
      expect(tell([sent.subarray(0, length)], { asksForLogin }).outcome).toBeUndefined()
  })
})

describe('what is no request', () => {
  test.each(refusedRequests)('$name, gets its answer, in one piece as byte by byte', (refused) => {
    const { sent, reply, what, asksForLogin = false } = refused
    for (const pieces of [[sent], Array.from(sent, (byte) => Buffer.of(byte))]) {
      const told = tell(pieces, { asksForLogin })
      expect(told.outcome).toEqual({ refused: what })
      if (Buffer.isBuffer(reply)) expect(told.reply).toEqual(reply)
      else expect(told.reply.toString('latin1')).toMatch(reply)
    }
  })

  test('is told from a request by no more than the bytes that make it wrong', () => {
    expect(tell([bytes(5, 1, 0, 5, 2, 0)]).outcome).toBeUndefined()
    expect(tell([bytes(5, 1, 0, 5, 2, 0, 1)]).outcome).toEqual({
      refused: 'asked by SOCKS 5 for another than CONNECT',
    })
  })

  test('says nothing of the password, nor of the user', () => {
    const words = refusedRequests.flatMap((refused) => {
      const { reply, outcome } = tell([refused.sent], refused)
      return [reply.toString('latin1'), JSON.stringify(outcome)]
    })
    expect(words.filter((text) => /\bann\b|correct horse|Y29ycmVjd|YW5uO/.test(text))).toEqual([])
  })
})

test('of what is refused each protocol has its own word', () => {
  const answers = (sent: Buffer) => {
    const { outcome } = tell([sent])
    if (outcome === undefined || !('result' in outcome)) throw new Error('no request')
    const { refused } = outcome.result
    return (
      [
        'connection refused',
        'host unreachable',
        'network unreachable',
        'not permitted',
        'timed out',
        'failed',
      ] as const
    ).map(refused)
  }
  const byHttp = answers(bytes('CONNECT db:22 HTTP/1.1\r\n\r\n')).map((reply) =>
    reply.toString().slice(9, 12),
  )
  expect(byHttp).toEqual(['502', '502', '502', '403', '504', '502'])
  expect(answers(socks5([3, 1, 'h']))).toEqual(
    [5, 4, 3, 2, 6, 1].map((code) => socks5Reply(code).subarray(2)),
  )
  expect(answers(bytes(4, 1, 0, 80, 10, 0, 0, 7, 0))).toEqual(Array(6).fill(socks4Refused))
})

test('the length of an HTTP answer is that of its text', () => {
  const text = tell([bytes('GET / HTTP/1.1\r\n\r\n')]).reply.toString()
  const [head = '', body = ''] = text.split('\r\n\r\n')
  expect(head).toContain(`Content-Length: ${body.length}\r\n`)
  expect(head).toContain('Connection: close')
})

describe('arbitrary bytes', () => {
  const seeds = [...takenRequests, ...refusedRequests].map(({ sent }) => sent)
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array)),
    fc
      .tuple(fc.constantFrom(4, 5, 0x43), fc.uint8Array({ maxLength: 600 }))
      .map(([first, array]) => bytes(first, ...array)),
    fc
      .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(255), fc.uint8Array({ maxLength: 8 }))
      .map(([seed, at, byte, more]) => {
        const changed = Buffer.from(seed)
        changed[at % changed.length] = byte
        return Buffer.concat([changed, more])
      }),
  )

  test('never throw, and lead to the same however they come', () => {
    fc.assert(
      fc.property(
        input,
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 50 })),
        (sent, asksForLogin, sizes) => {
          const pieces: Buffer[] = []
          let at = 0
          for (const size of sizes) {
            pieces.push(sent.subarray(at, at + size))
            at += size
          }
          pieces.push(sent.subarray(at))
          const { granted: _, ...whole } = flat(tell([sent], { asksForLogin }))
          expect(flat(tell(pieces, { asksForLogin }))).toMatchObject(whole)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('are answered before 17 KiB, whatever they are', () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 255 }), (sent, filler) => {
        const long = Buffer.concat([sent, Buffer.alloc(17_408, filler)])
        expect(tell([long]).outcome).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })
})

function flat({ reply, outcome }: Told) {
  if (outcome === undefined || 'refused' in outcome) return { reply, outcome }
  const { protocol, to, granted } = outcome.result
  return { reply, protocol, to, granted, rest: outcome.rest }
}
