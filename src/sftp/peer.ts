// The server as the parts of a session see it: it is asked, and it has limits.

import type { HopRef } from '../errors.js'
import type { Conversation } from './conversation.js'
import type { HandleSlots } from './handle-slots.js'
import type { Limits } from './limits.js'

export interface Peer {
  readonly hop: HopRef
  readonly extensions: ReadonlyMap<string, string>
  readonly conversation: Pick<Conversation, 'ask'>
  /** Known soon after the beginning; never rejects. */
  readonly limits: Promise<Limits>
  readonly slots: HandleSlots
  /** Aborted with the reason when the session has ended. */
  readonly ended: AbortSignal
}
