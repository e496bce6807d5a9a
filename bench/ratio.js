// What is said about two medians: their ratio, and whether it is what we expect.

/**
 * @typedef {object} Row
 * @property {string} ours
 * @property {string} theirs
 * @property {number} oursMs
 * @property {number} theirsMs
 * @property {number} ratio
 * @property {number} [atMost] What is expected; absent where nothing is.
 * @property {boolean} [met]
 */

/**
 * Compares two contestants by their medians.
 *
 * @param {ReadonlyMap<string, number>} medians
 * @param {{ readonly ours: string, readonly theirs: string, readonly atMost?: number }} question
 * @returns {Row}
 */
export function compare(medians, { ours, theirs, atMost }) {
  const oursMs = medianOf(medians, ours)
  const theirsMs = medianOf(medians, theirs)
  const ratio = oursMs / theirsMs
  return { ours, theirs, oursMs, theirsMs, ratio, ...(atMost && { atMost, met: ratio <= atMost }) }
}

/**
 * @param {ReadonlyMap<string, number>} medians
 * @param {string} name
 */
function medianOf(medians, name) {
  const median = medians.get(name)
  if (median === undefined) throw new RangeError(`nobody measured ${name}`)
  return median
}

/**
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function formatTable(rows) {
  const cells = [
    ['', 'ms', 'against', 'ms', 'ratio', 'at most', ''],
    ...rows.map(({ ours, theirs, oursMs, theirsMs, ratio, atMost, met }) => [
      ours,
      oursMs.toFixed(0),
      theirs,
      theirsMs.toFixed(0),
      ratio.toFixed(2),
      atMost?.toFixed(2) ?? '',
      met === undefined ? '' : met ? 'met' : 'not met',
    ]),
  ]
  const isNumber = [false, true, false, true, true, true, false]
  const widths = isNumber.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n')
}
