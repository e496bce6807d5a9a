// A handle of the server, from the request that opens it until it is closed, whoever gives up in between.

import type { Peer } from './peer.js'
import { message } from './protocol/numbers.js'
import type { PacketWriter } from './protocol/packet-writer.js'
import { command, handleRequest } from './requests.js'
import type { Deed } from './status-error.js'

export interface OpenHandle {
  readonly bytes: Buffer
  /** Idempotent: every call settles as the first. Rejects with what the server has against it. */
  close(signal?: AbortSignal): Promise<void>
}

/** Opens a file or a directory, when the server has room for one more. One that comes after an abort is closed. */
export async function openHandle(
  peer: Peer,
  deed: Deed,
  request: {
    readonly type: number
    readonly write: (writer: PacketWriter) => unknown
    readonly signal: AbortSignal | undefined
  },
): Promise<OpenHandle> {
  const { type, write, signal } = request
  const release = await peer.slots.take(signal)
  // From here on an abort leaves the slot to an answer, which comes only to what was asked.
  if (signal?.aborted) {
    release()
    throw signal.reason
  }
  const close = async (handle: Buffer, signal?: AbortSignal): Promise<void> => {
    const closing = { ...deed, what: 'close' }
    try {
      await peer.conversation.ask(
        command(closing, message.close, (writer) => writer.string(handle)),
        signal,
      )
    } finally {
      release()
    }
  }
  const onLate = (handle: Buffer | undefined): void => {
    if (handle === undefined) release()
    else close(handle).catch(() => {})
  }
  let bytes: Buffer
  try {
    bytes = await peer.conversation.ask(handleRequest(deed, { type, write, onLate }), signal)
  } catch (error) {
    // After an abort the server has still to answer.
    if (signal?.aborted !== true) release()
    throw error
  }
  let closed: Promise<void> | undefined
  return { bytes, close: (signal) => (closed ??= close(bytes, signal)) }
}
