// Streams as what is put, and as what is got into, that have had their day.

import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { get } from '../../../src/files/get.js'
import { put } from '../../../src/files/put.js'
import type { Acquire } from '../../../src/hops/lease.js'
import { scratchDir } from '../../support/run-dir.js'

const acquire: Acquire = () => Promise.reject(new Error('nothing is to be asked of the server'))

test('a stream that was read to its end is no source', async () => {
  const source = Readable.from(['text'])
  await buffer(source)
  await expect(put(acquire, { local: source, remote: 'there' })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    origin: 'the source',
  })
})

test('a stream that has ended or was destroyed is no target', async () => {
  const file = createWriteStream(join(scratchDir('streams'), 'file'))
  await finished(file.end())
  const ended = new PassThrough().end()
  for (const target of [file, ended, new Writable().destroy()]) {
    await expect(get(acquire, { remote: 'there', local: target })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      origin: 'the target',
    })
  }
})
