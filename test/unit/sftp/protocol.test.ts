// The packets of the file protocol: what was written is what is read, whatever the pieces, and nothing else is.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAttributes, writeAttributes } from '../../../src/sftp/protocol/attributes.js'
import { FieldReader } from '../../../src/sftp/protocol/field-reader.js'
import { message } from '../../../src/sftp/protocol/numbers.js'
import { type Packet, PacketReader } from '../../../src/sftp/protocol/packet-reader.js'
import { PacketWriter } from '../../../src/sftp/protocol/packet-writer.js'
import { namesPacket, readNames, readStatus, statusPacket } from '../../../src/sftp/protocol/replies.js'
import { initPacket, readVersion, versionPacket } from '../../../src/sftp/protocol/version.js'

const uint32 = fc.nat({ max: 0xffff_ffff })
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value))
const attributes = fc.record(
  {
    size: fc.maxSafeNat(),
    owner: fc.record({ uid: uint32, gid: uint32 }),
    mode: uint32,
    times: fc.record({ accessed: uint32, modified: uint32 }),
  },
  { requiredKeys: [] },
)
const broken = expect.objectContaining({ code: 'PROTOCOL_ERROR' })

function onePacket(sent: Buffer): Packet {
  const [packet, ...others] = new PacketReader().read(sent)
  if (packet === undefined || others.length > 0) throw new Error('not one packet')
  return packet
}

/** What an error of reading is. */
function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

test('names with their attributes are read as they were written', () => {
  const entry = fc.record({ name: bytes, longName: bytes, attributes })
  fc.assert(
    fc.property(uint32, fc.array(entry, { maxLength: 5 }), (id, entries) => {
      const { type, fields } = onePacket(namesPacket(id, entries))
      expect([type, fields.uint32(), readNames(fields), fields.left]).toEqual([message.name, id, entries, 0])
    }),
  )
})

test('statuses and versions are read as they were written', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(uint32, uint32, text, fc.dictionary(text, text), (id, code, words, names) => {
      const { fields } = onePacket(statusPacket(id, { code, text: words }))
      expect([fields.uint32(), readStatus(fields)]).toEqual([id, { code, text: words }])
      const extensions = new Map(Object.entries(names))
      const version = onePacket(versionPacket({ version: 3, extensions }))
      expect(readVersion(version.fields)).toEqual({ version: 3, extensions })
    }),
  )
  expect(readVersion(onePacket(initPacket()).fields)).toEqual({ version: 3, extensions: new Map() })
})

test('packets come out whole, however the stream is cut', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), pieces, (contents, lengths) => {
      const stream = Buffer.concat(contents.map((content) => new PacketWriter(7).string(content).packet()))
      const reader = new PacketReader()
      const found: Buffer[] = []
      for (let start = 0, turn = 0; start < stream.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1
        for (const { fields } of reader.read(stream.subarray(start, start + length)))
          found.push(fields.string())
        start += length
      }
      expect(found).toEqual(contents)
      expect(reader.isWithinPacket).toBe(false)
    }),
  )
})

test('a packet of 256 MiB, or of nothing, is refused by its length alone', () => {
  for (const length of [0x1000_0000, 0xffff_ffff, 257 * 1024 + 1, 0]) {
    const head = new PacketWriter(0).head(length === 0 ? -1 : length - 1).subarray(0, 4)
    expect(thrownBy(() => [...new PacketReader().read(head)])).toEqual(broken)
  }
})

test('no bytes make the reader do anything but read or refuse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (input) => {
      for (const read of [readAttributes, readNames, readStatus, readVersion]) {
        const error = thrownBy(() => read(new FieldReader(Buffer.from(input))))
        if (error !== undefined) expect(error).toEqual(broken)
      }
    }),
  )
})

test('a size of 2^53 is refused, and one below it is exact', () => {
  const sizeOf = (size: number) => {
    const { fields } = onePacket(writeAttributes(new PacketWriter(105), { size }).packet())
    return readAttributes(fields).size
  }
  expect(sizeOf(2 ** 53 - 1)).toBe(2 ** 53 - 1)
  expect(thrownBy(() => sizeOf(2 ** 53))).toEqual(broken)
})

test('extended attributes are passed over, and those of later versions refused', () => {
  const extended = new PacketWriter(105).uint32(0x8000_0004).uint32(0o644).uint32(1).string('a').string('b')
  const { fields } = onePacket(extended.packet())
  expect([readAttributes(fields), fields.left]).toEqual([{ mode: 0o644 }, 0])
  const later = onePacket(new PacketWriter(105).uint32(0x10).uint32(1).packet())
  expect(thrownBy(() => readAttributes(later.fields))).toEqual(broken)
})
