import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VersionReader } from '../../../src/wire/version-line.js'

/** Reads the bytes in pieces of those sizes, over and over, and then the rest. */
function readInPieces(bytes: Buffer, sizes: readonly number[]) {
  const reader = new VersionReader()
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    const found = reader.read(bytes.subarray(at, at + size))
    at += size
    if (found !== undefined) return { reader, found, behind: bytes.subarray(at) }
  }
  return { reader, found: undefined, behind: Buffer.alloc(0) }
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })
const printableLine = fc.stringMatching(/^[a-z][ -~]{0,60}$/)
const version = fc.stringMatching(/^SSH-(2\.0|1\.99)-[!-,.-~]{1,40}$/)
const lineEnd = fc.constantFrom('\n', '\r\n')

describe('VersionReader', () => {
  it('finds the version and loses no byte, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(printableLine, { maxLength: 5 }),
        version,
        lineEnd,
        fc.uint8Array({ maxLength: 100 }),
        sizes,
        (preface, line, end, packet, cuts) => {
          const head = Buffer.from(preface.map((text) => text + end).join(''))
          const tail = Buffer.concat([Buffer.from(line + end), packet])
          const { found, behind } = readInPieces(Buffer.concat([head, tail]), cuts)
          expect(found).toMatchObject({ version: line })
          if (found === undefined || 'code' in found) throw new Error('unreachable')
          expect(Buffer.concat([found.bytes, behind])).toEqual(tail)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('answers any bytes with a version or a code, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), sizes, (bytes, cuts) => {
        const { reader, found } = readInPieces(Buffer.from(bytes), cuts)
        const answer = found ?? reader.end()
        expect(answer).toSatisfy((a: object) => 'version' in a || 'code' in a)
      }),
    )
  })
})
