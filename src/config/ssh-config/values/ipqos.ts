// IPQoS: the names of classes of service, and numbers for them.

import { printable } from '../../../printable.js'
import { Unacceptable } from '../keyword.js'

// RFC 2474, 2597, 3246, 5865, 8622; the last three are of RFC 1349.
const classes: ReadonlyMap<string, number> = new Map([
  ['af11', 0x28],
  ['af12', 0x30],
  ['af13', 0x38],
  ['af21', 0x48],
  ['af22', 0x50],
  ['af23', 0x58],
  ['af31', 0x68],
  ['af32', 0x70],
  ['af33', 0x78],
  ['af41', 0x88],
  ['af42', 0x90],
  ['af43', 0x98],
  ['cs0', 0x00],
  ['cs1', 0x20],
  ['cs2', 0x40],
  ['cs3', 0x60],
  ['cs4', 0x80],
  ['cs5', 0xa0],
  ['cs6', 0xc0],
  ['cs7', 0xe0],
  ['ef', 0xb8],
  ['le', 0x04],
  ['va', 0xb0],
  ['lowdelay', 0x10],
  ['throughput', 0x08],
  ['reliability', 0x04],
])

const nameOf = new Map([...classes].reverse().map(([name, value]) => [value, name]))

/** IPQoS: the class for interactive sessions, and the one for others, which is the same when it is not given. */
export function ipQos(interactive: string, bulk: string = interactive): readonly string[] {
  return [classOf(interactive), classOf(bulk)]
}

function classOf(word: string): string {
  const name = word.toLowerCase()
  if (name === 'none') return 'none'
  const value = classes.get(name) ?? numberOf(word)
  if (value === undefined) throw new Unacceptable(`bad class of service "${printable(word)}"`)
  return nameOf.get(value) ?? `0x${value.toString(16).padStart(2, '0')}`
}

/** Decimal, octal with a 0, or hexadecimal with 0x before it. */
function numberOf(word: string): number | undefined {
  const base = /^0x[0-9a-f]+$/i.test(word)
    ? 16
    : /^0[0-7]*$/.test(word)
      ? 8
      : /^[1-9][0-9]*$/.test(word)
        ? 10
        : 0
  const value = base === 0 ? Number.NaN : Number.parseInt(word, base)
  return value <= 255 ? value : undefined
}
