// Downloads that go to no file: into a stream, or as bytes.

import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { SallyportError } from '../errors.js'
import { interruptible } from '../interruptible.js'
import { pathText, shownPath } from './byte-path.js'
import { closeQuietly, openRemote, readInOrder } from './remote-content.js'
import { requireDigest } from './remote-digests.js'
import type { TransferSession } from './transfer-session.js'

/** Takes the content piece by piece. */
type Take = (data: Buffer) => Promise<void>

/** Writes the file into the stream, as fast as that takes it, and ends it. On failure it is destroyed. */
export async function downloadInto(session: TransferSession, path: string, sink: Writable): Promise<void> {
  const { signal } = session
  // The listener of whoever called sees the error, too; it rejects the call here.
  const failed = new Promise<never>((_resolve, reject) => {
    sink.once('error', reject)
    sink.once('close', () => {
      if (!sink.writableFinished) reject(new Error('the stream was closed before all was written'))
    })
  })
  failed.catch(() => {})
  try {
    await receive(session, path, async (data) => {
      const written = new Promise<void>((resolve, reject) => {
        sink.write(data, (error) => (error ? reject(error) : resolve()))
      })
      written.catch(() => {})
      await interruptible(Promise.race([written, failed]), signal)
    })
    const done = finished(sink, { signal, cleanup: true })
    sink.end()
    await Promise.race([done, failed])
  } catch (error) {
    sink.destroy(error instanceof Error ? error : undefined)
    throw error
  }
}

/** The content itself. Rejects with OUTPUT_LIMIT when it is more. */
export async function downloadBytes(
  session: TransferSession,
  path: string,
  maxBytes: number,
): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  await receive(session, path, async (data) => {
    length += data.length
    if (length > maxBytes) {
      const what = `${shownPath(path)} has more than ${maxBytes} bytes`
      throw new SallyportError('OUTPUT_LIMIT', what, { hop: session.hop, phase: 'session' })
    }
    pieces.push(data)
  })
  return Buffer.concat(pieces)
}

async function receive(session: TransferSession, path: string, take: Take): Promise<void> {
  const { ledger, rules } = session
  const content = await openRemote(session, path)
  const hash = rules.checksum === undefined ? undefined : createHash(rules.checksum)
  const meter = ledger.begin(pathText(path), content.stats.size)
  try {
    const size = await readInOrder(session, content, {
      from: 0,
      take: async (data) => {
        hash?.update(data)
        await take(data)
        meter.add(data.length)
      },
    })
    if (hash !== undefined) await requireDigest(session, { path, size, digest: hash.digest('hex') })
    ledger.files += 1
  } finally {
    closeQuietly(content.file)
  }
}
