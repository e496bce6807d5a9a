// The live lines of a transfer on a terminal, as cli-progress draws them.

import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { aside, hideAreas } from '../../../src/cli/live-area.js'
import { ProgressBars } from '../../../src/cli/progress-bars.js'
import type { TransferProgress, TransferResult } from '../../../src/index.js'
import { Screen } from '../../support/screen.js'

const MiB = 1024 * 1024

function progress(path: string, bytes: number, totalBytes: number, all?: TransferProgress['all']) {
  return { path, bytes, totalBytes, all: all ?? { bytes, totalBytes, files: 1 } }
}

function result(bytes: number): TransferResult {
  const base = { host: 'h', local: '/l', remote: '/r', files: 1, directories: 0, skipped: [] }
  return { ...base, bytes, durationMs: 2000 }
}

/** Longer than two drawings are apart. */
const soon = (): Promise<void> => delay(250)

it('a file has one line, which becomes that of the finished file and stays', async () => {
  const screen = new Screen()
  const bars = new ProgressBars(screen.stream, { count: 1, totalBytes: undefined })
  bars.begin('app.log')
  bars.update(progress('app.log', 1 * MiB, 4 * MiB))
  await soon()
  expect(screen.shown).toEqual([expect.stringMatching(/^app\.log +\[=+ +\] {3}25% +1\.0 MiB/)])
  bars.end(result(4 * MiB))
  expect(screen.shown).toEqual([expect.stringMatching(/^app\.log .*100% +1\.0 MiB +2\.0 MiB\/s +0:02$/), ''])
})

it('the files of a directory have a line in turn, and all together have one below', async () => {
  const screen = new Screen()
  const bars = new ProgressBars(screen.stream, { count: 1, totalBytes: undefined })
  bars.begin('site')
  bars.update(progress('site/a', 1 * MiB, 2 * MiB, { bytes: 1 * MiB, totalBytes: 10 * MiB, files: 1 }))
  bars.update(progress('site/b', 0, 8 * MiB, { bytes: 2 * MiB, totalBytes: 10 * MiB, files: 2 }))
  await soon()
  expect(screen.shown).toEqual([
    expect.stringMatching(/^site\/b .* 0% /),
    expect.stringMatching(/^site: 2 files .* 20% +2\.0 MiB/),
  ])
  bars.end(result(10 * MiB))
  expect(screen.shown).toEqual([expect.stringMatching(/^site .*100% /), ''])
})

it('of several names each keeps its line, and the last line counts them', async () => {
  const screen = new Screen()
  const bars = new ProgressBars(screen.stream, { count: 2, totalBytes: 4 * MiB })
  bars.begin('a')
  bars.update(progress('a', 1 * MiB, 1 * MiB))
  bars.end(result(1 * MiB))
  bars.begin('b')
  bars.update(progress('b', 1 * MiB, 3 * MiB))
  await soon()
  expect(screen.shown).toEqual([
    expect.stringMatching(/^a .*100% /),
    expect.stringMatching(/^b .* 33% /),
    expect.stringMatching(/^2 of 2 .* 50% +2\.0 MiB/),
  ])
  bars.end(undefined)
  expect(screen.shown).toEqual([expect.stringMatching(/^a .*100% /), ''])
})

it('what is written meanwhile stands above, and nothing is drawn while somebody is asked', async () => {
  const screen = new Screen()
  const bars = new ProgressBars(screen.stream, { count: 2, totalBytes: undefined })
  bars.begin('a')
  bars.update(progress('a', 1 * MiB, 2 * MiB))
  await soon()
  aside(() => screen.write('a warning\n'))
  expect(screen.shown).toEqual([
    'a warning',
    expect.stringMatching(/^a .* 50% /),
    expect.stringMatching(/^1 of 2 /),
  ])
  const show = hideAreas()
  screen.write('password: ')
  await soon()
  expect(screen.shown).toEqual(['a warning', 'password:'])
  screen.write('\n')
  show()
  expect(screen.shown.slice(0, 3)).toEqual(['a warning', 'password:', expect.stringMatching(/^a .* 50% /)])
  bars.end(result(2 * MiB))
  expect(screen.shown).toEqual(['a warning', 'password:', expect.stringMatching(/^a .*100% /), ''])
})

it('a name with escapes does nothing but stand there', async () => {
  const screen = new Screen(120)
  const bars = new ProgressBars(screen.stream, { count: 1, totalBytes: undefined })
  const hostile = 'a\u001b[2Jb\u009b31mc\r\nd\u202e'
  bars.begin(hostile)
  bars.update(progress(hostile, 1, 2))
  await soon()
  bars.end(result(2))
  // The screen throws at escapes that it does not know, of which these are.
  expect(screen.shown[0]).toMatch(/^a\\x1b\[2Jb\\x9b31mc\\r\\nd\\u202e .*100%/)
})
