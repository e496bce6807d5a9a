import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTime, type ProgressStatus, progressLine } from '../../../src/cli/progress-line.js'
import { ProgressRate } from '../../../src/cli/progress-rate.js'
import { textWidth } from '../../../src/cli/text-width.js'

const MiB = 1024 * 1024

function line(columns: number, given: Partial<ProgressStatus> = {}): string {
  const status: ProgressStatus = {
    name: '/var/log/app.log',
    bytes: 45 * MiB,
    totalBytes: 100 * MiB,
    rate: 3 * MiB,
    seconds: 18,
    ...given,
  }
  const part = status.totalBytes === undefined ? 0 : status.bytes / status.totalBytes
  return progressLine(status, { columns, bar: (width) => '='.repeat(part * width).padEnd(width) })
}

describe('a line of progress', () => {
  it('tells name, bar, percentage, bytes, rate and the time that is left', () => {
    expect(line(80)).toBe('/var/log/app.log       [=======         ]   45%    45 MiB   3.0 MiB/s      0:18')
  })

  it('leaves out first the bar, then the time, the rate, the bytes and the percentage', () => {
    expect(line(60)).toBe('/var/log/app.log        45%    45 MiB   3.0 MiB/s      0:18')
    expect(line(48)).toBe('/var/log/app.log      45%    45 MiB   3.0 MiB/s')
    expect(line(36)).toBe('/var/log/app.log      45%    45 MiB')
    expect(line(24)).toBe('/var/log/app.log    45%')
    expect(line(16)).toBe('…ar/log/app.log')
  })

  it('keeps the end of a name that is too long, by the columns that it takes', () => {
    expect(line(24, { name: 'reports/2026/November/costs.ods' })).toBe('…vember/costs.ods   45%')
    expect(line(24, { name: '東京東京東京東京東京東京.txt' })).toMatch(/^….*京\.txt +45%$/)
  })

  it('of an unknown size has neither bar nor percentage nor a time', () => {
    expect(line(80, { totalBytes: undefined, seconds: undefined })).toMatch(
      /^\/var\/log\/app\.log {30,}45 MiB +3\.0 MiB\/s$/,
    )
  })

  it('of an empty file is whole', () => {
    expect(line(80, { bytes: 0, totalBytes: 0 })).toContain('100%')
  })

  it('that grew while it was copied is no more than whole', () => {
    expect(line(60, { bytes: 120 * MiB })).toContain('100%')
  })

  it('fits any terminal and steers none, whatever the name is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 120 }),
        fc.integer({ min: 2, max: 200 }),
        fc.nat({ max: 2 ** 52 }),
        fc.option(fc.nat({ max: 2 ** 52 }), { nil: undefined }),
        (name, columns, bytes, totalBytes) => {
          const text = line(columns, { name, bytes: Math.min(bytes, totalBytes ?? bytes), totalBytes })
          expect(textWidth(text)).toBeLessThan(columns)
          expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
        },
      ),
    )
  })
})

it.each([
  [0, '0:00'],
  [7.4, '0:07'],
  [59.6, '1:00'],
  [754, '12:34'],
  [3723, '1:02:03'],
  [99 * 3600, '99:00:00'],
  [400 * 3600, '> 99 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatTime(seconds)).toBe(text)
})

describe('a rate', () => {
  it('is that of the last five seconds', () => {
    const rate = new ProgressRate()
    expect(rate.perSecond).toBeUndefined()
    for (let second = 0; second <= 20; second += 1)
      rate.add(second < 10 ? 0 : (second - 10) * 700, second * 1000)
    expect(rate.perSecond).toBe(700)
    for (let second = 21; second <= 40; second += 1) rate.add(7000, second * 1000)
    expect(rate.perSecond).toBe(0)
  })

  it('begins anew when there is less than before', () => {
    const rate = new ProgressRate()
    rate.add(9000, 0)
    rate.add(0, 1000)
    expect(rate.perSecond).toBeUndefined()
    rate.add(500, 2000)
    expect(rate.perSecond).toBe(500)
  })
})
