// Whether a process grows: samples of its memory and its descriptors, and the straight line through them.

import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** MiB by which the line through the second half of the samples may rise. Without a leak the heap's rises by 0.2. */
const most = { rss: 16, heap: 0.5 }

export class Growth {
  #samples = []

  /** Takes one, after what is garbage has been collected. */
  sample() {
    collect()
    const { rss, heapUsed } = process.memoryUsage()
    const descriptors = readdirSync('/proc/self/fd').length
    this.#samples.push({ at: performance.now(), rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20, descriptors })
  }

  /** What holds and what does not. The first half is for warming up. */
  checks() {
    const settled = this.#samples.slice(Math.floor(this.#samples.length / 2))
    const last = settled.at(-1)
    if (settled.length < 2) return [{ text: 'too few samples to see growth', holds: false }]
    const rises = (what) => slopeOf(settled.map((sample) => [sample.at, sample[what]])) * spanOf(settled)
    const lines = ['rss', 'heap'].map((what) => {
      const rise = rises(what)
      const text = `${what} ${last[what].toFixed(1)} MiB, its line rises by ${rise.toFixed(2)} MiB of at most ${most[what]}`
      return { text, holds: rise <= most[what] }
    })
    const lowest = Math.min(...settled.slice(0, -1).map(({ descriptors }) => descriptors))
    const more = last.descriptors - lowest
    return [...lines, { text: `descriptors ${last.descriptors}, ${more} more than before`, holds: more <= 0 }]
  }
}

function spanOf(samples) {
  return samples.at(-1).at - samples[0].at
}

/** Of the line with the least squares. */
function slopeOf(points) {
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [x0, y0] = [mean(0), mean(1)]
  const over = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0)
  const under = points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0)
  return under === 0 ? 0 : over / under
}
