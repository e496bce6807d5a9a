// A forward under watch: what happens to it is told, and what it is at a moment can be asked, with its rates.

import { type Forward, formatAddress } from '../index.js'
import type { ForwardName, ForwardNews } from './forward-news.js'
import type { ForwardStatus } from './forward-view.js'

export class WatchedForward {
  readonly forward: Forward
  #state: ForwardStatus['state'] = 'listening'
  #sample = { at: performance.now(), sent: 0, received: 0 }
  #rates = { sentPerSecond: 0, receivedPerSecond: 0 }

  constructor(forward: Forward, onNews: (watched: WatchedForward, news: ForwardNews) => void) {
    this.forward = forward
    const tell = (news: ForwardNews): void => onNews(this, news)
    forward.on('connection', (connection) => tell({ event: 'connection', connection }))
    forward.on('connectionClosed', (connection) => tell({ event: 'connection closed', connection }))
    forward.on('refused', (connection) => tell({ event: 'refused', connection }))
    forward.on('lost', (error) => {
      this.#state = 'lost'
      tell({ event: 'lost', error })
    })
    forward.on('listening', () => {
      this.#state = 'listening'
      tell({ event: 'listening' })
    })
    forward.on('close', () => {
      this.#state = 'closed'
      tell({ event: 'closed' })
    })
  }

  get #leadsTo(): string | undefined {
    const { to } = this.forward
    return to && formatAddress(to)
  }

  get name(): ForwardName {
    const { kind, addresses } = this.forward
    return { kind, listens: addresses.map(formatAddress), leadsTo: this.#leadsTo }
  }

  /** As it is now; the rates are those of the last sample. */
  get status(): ForwardStatus {
    const { kind, address, counts } = this.forward
    return {
      ...counts,
      ...this.#rates,
      kind,
      listens: formatAddress(address),
      leadsTo: this.#leadsTo,
      state: this.#state,
    }
  }

  /** Measures the rates since the last sample. */
  sample(): void {
    const { bytesSent: sent, bytesReceived: received } = this.forward.counts
    const at = performance.now()
    const seconds = (at - this.#sample.at) / 1000
    if (seconds <= 0) return
    this.#rates = {
      sentPerSecond: (sent - this.#sample.sent) / seconds,
      receivedPerSecond: (received - this.#sample.received) / seconds,
    }
    this.#sample = { at, sent, received }
  }
}
