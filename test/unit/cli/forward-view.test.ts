import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes } from '../../../src/cli/byte-count.js'
import { type ForwardStatus, forwardLines } from '../../../src/cli/forward-view.js'
import { cutToWidth, textWidth } from '../../../src/cli/text-width.js'

const plain = (_style: unknown, text: string): string => text

function status(given: Partial<ForwardStatus> = {}): ForwardStatus {
  return {
    kind: 'local',
    listens: '127.0.0.1:5432',
    leadsTo: 'db.internal:5432',
    state: 'listening',
    open: 2,
    accepted: 14,
    refused: 0,
    bytesSent: 1_300_000,
    bytesReceived: 35_000_000,
    sentPerSecond: 900,
    receivedPerSecond: 2_400_000,
    ...given,
  }
}

const several = [
  status(),
  status({ kind: 'dynamic', listens: '127.0.0.1:1080', leadsTo: undefined, open: 0, refused: 3 }),
  status({ kind: 'remote', listens: 'localhost:9000', leadsTo: '/run/app.sock', state: 'lost' }),
]

function shown(columns: number, rows = 24): readonly string[] {
  return forwardLines(several, { columns, rows, paint: plain })
}

describe('the lines of forwards', () => {
  it('tell kind, way, connections, bytes and rates, in columns', () => {
    expect(shown(120)).toEqual([
      'local    127.0.0.1:5432 → db.internal:5432  2 open of 14             ↑ 1.2 MiB  900 B/s  ↓ 33 MiB  2.3 MiB/s',
      'dynamic  127.0.0.1:1080 → as asked          0 open of 14, 3 refused  ↑ 1.2 MiB  900 B/s  ↓ 33 MiB  2.3 MiB/s',
      'remote   localhost:9000 → /run/app.sock     lost, trying again       ↑ 1.2 MiB  900 B/s  ↓ 33 MiB  2.3 MiB/s',
    ])
  })

  it('leave out the rates first, then the bytes, then the connections, and are cut only then', () => {
    expect(shown(100)[1]).toBe(
      'dynamic  127.0.0.1:1080 → as asked          0 open of 14, 3 refused  ↑ 1.2 MiB  ↓ 33 MiB',
    )
    expect(shown(70)[1]).toBe('dynamic  127.0.0.1:1080 → as asked          0 open of 14, 3 refused')
    expect(shown(50)[1]).toBe('dynamic  127.0.0.1:1080 → as asked')
    expect(shown(30)).toEqual([
      'local    127.0.0.1:5432 → db…',
      'dynamic  127.0.0.1:1080 → as…',
      'remote   localhost:9000 → /r…',
    ])
  })

  it('are no more than the terminal has rows, and say how many are missing', () => {
    expect(shown(120, 3)).toEqual([expect.stringMatching(/^local /), 'and 2 more'])
  })

  it('fit any terminal, and steer none, whatever the names are', () => {
    const name = fc.string({ unit: 'binary', maxLength: 60 })
    const anyStatus = fc
      .record({
        listens: name,
        leadsTo: fc.option(name, { nil: undefined }),
        bytesSent: fc.nat(),
        open: fc.nat(),
      })
      .map(status)
    fc.assert(
      fc.property(
        fc.array(anyStatus, { maxLength: 9 }),
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 2, max: 30 }),
        (forwards, columns, rows) => {
          const lines = forwardLines(forwards, { columns, rows, paint: plain })
          expect(lines.length).toBeLessThan(rows)
          for (const line of lines) {
            expect(textWidth(line)).toBeLessThan(columns)
            expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
          }
        },
      ),
    )
  })
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [10_190, '10 KiB'],
  [1_023_000, '999 KiB'],
  [1_023_999, '1.0 MiB'],
  [1_048_576, '1.0 MiB'],
  [5 * 1024 ** 5, '5120 TiB'],
])('%i bytes are %s', (count, text) => {
  expect(formatBytes(count)).toBe(text)
})

it('a text is cut by the columns that it takes, not by its characters', () => {
  expect(textWidth('東京 db')).toBe(7)
  expect(cutToWidth('東京 db', 7)).toBe('東京 db')
  expect(cutToWidth('東京 db', 6)).toBe('東京 …')
  expect(cutToWidth('東京 db', 4)).toBe('東…')
  expect(cutToWidth('😀😀', 3)).toBe('😀…')
  expect(cutToWidth('abc', 0)).toBe('')
})
