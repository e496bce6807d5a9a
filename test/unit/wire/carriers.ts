// What the tests of HopStream put below it.

import { Duplex } from 'node:stream'
import { ConnectError } from '../../../src/errors.js'
import { HopStream } from '../../../src/wire/hop-stream.js'

export const hop = { index: 0, count: 1, user: 'me', host: 'gate', port: 22 }
export const version = 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'

/** A carrier that is fed by hand and writes down what it gets. */
export class Carrier extends Duplex {
  readonly written: Buffer[] = []
  readonly held: (() => void)[] = []
  holdsWrites = false
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.written.push(chunk)
    if (this.holdsWrites) this.held.push(callback)
    else callback()
  }
}

export function hopStream<C extends Duplex>(carrier: C) {
  const versions: string[] = []
  const stream = new HopStream(carrier, {
    onVersion: (line) => versions.push(line),
    fail: (code, what, details) => new ConnectError(code, what, { hop, phase: 'version', ...details }),
  })
  return { carrier, stream, versions }
}
