// How everything here is measured: all contestants in each round, so that whatever else the machine does meets them
// all alike, and the median of each.

/**
 * One piece of work. What `run` resolves to, if anything, is called afterwards, outside of the time, to clear away.
 *
 * @typedef {{ readonly name: string, readonly run: () => Promise<(() => Promise<unknown>) | void> }} Contestant
 */

/**
 * Resolves to the median time of each contestant, in milliseconds, by name. One round more runs ahead, untimed: what
 * is measured is warm. Each round begins with another contestant. Rejects when any run fails.
 *
 * @param {readonly Contestant[]} contestants
 * @param {{ readonly rounds: number }} options
 * @returns {Promise<ReadonlyMap<string, number>>}
 */
export async function measure(contestants, { rounds }) {
  const times = new Map(contestants.map(({ name }) => [name, /** @type {number[]} */ ([])]))
  for (let round = -1; round < rounds; round++) {
    const first = Math.max(round, 0) % contestants.length
    for (const { name, run } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const begun = performance.now()
      const clearAway = await run()
      const took = performance.now() - begun
      await clearAway?.()
      if (round >= 0) times.get(name)?.push(took)
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]))
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}
