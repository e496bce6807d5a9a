// What a server listens on for one session: asked for, answered in order, cancelled, and matched with the connections
// that the server hands over. Only what was asked for is let in, by exactly its address (RFC 4254 7.2).

import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { Address } from '../dialer.js'
import { ConnectError, type HopRef, SallyportError } from '../errors.js'
import type { QuickAck } from './quick-ack.js'
import { awaitAnswer } from './ssh2-answer.js'
import { ChannelStream } from './ssh2-channel.js'
import {
  cancelListen,
  type ListenAnswer,
  type OfferedChannel,
  requestListen,
  takeOfferedChannels,
} from './ssh2-engine-forwards.js'
import { IncomingChannel } from './ssh2-incoming.js'
import { formatListen, listenRefused } from './ssh2-refusals.js'
import type { Tenants } from './ssh2-tenants.js'
import { widenWindow } from './ssh2-window.js'
import type { RemoteListener, RemoteListenRequest } from './wire.js'

export interface ListeningSession {
  readonly client: Client
  readonly hop: HopRef
  readonly tenants: Tenants
  readonly quickAck: QuickAck
  /** Milliseconds for each answer of the server; 0 for no limit. */
  readonly answerTimeoutMs: number
}

/** One address, as its requests name it, with what was handed over there and is not accepted or refused yet. */
interface Place {
  readonly address: Address
  /** The port was 0, and chosen by the server. */
  readonly isChosen: boolean
  readonly onConnection: RemoteListenRequest['onConnection']
  readonly undecided: Set<IncomingChannel>
}

export class RemoteListeners {
  readonly #session: ListeningSession
  readonly #places = new Map<string, Place>()

  constructor(session: ListeningSession) {
    this.#session = session
    takeOfferedChannels(session.client, (place) => this.#findTaker(place))
    session.tenants.add((reason) => {
      for (const place of this.#places.values()) this.#close(place, reason)
    })
  }

  /** As `Session.listen`. */
  async listen({ address, onConnection }: RemoteListenRequest, signal: AbortSignal): Promise<RemoteListener> {
    const { client, hop, tenants, quickAck, answerTimeoutMs } = this.#session
    if (this.#places.has(keyOf(address))) {
      const what = `listens on ${formatListen(address)} already, for this very connection`
      throw new ConnectError('FORWARD_REFUSED', what, { hop, phase: 'listen' })
    }
    const place = await quickAck.during(
      awaitAnswer<Place>(
        {
          awaited: `answer to the request to listen on ${formatListen(address)}`,
          limitMs: answerTimeoutMs,
          phase: 'listen',
          signal,
          ask: (answered) => {
            let isGivenUp = false
            const take = (answer: ListenAnswer): void => {
              if (isGivenUp) this.#cancelLate(address, answer)
              else answered(() => this.#open({ address, onConnection }, answer))
            }
            requestListen(client, { address, answered: take })
            return () => {
              isGivenUp = true
            }
          },
        },
        { hop, tenants },
      ),
    )
    let closed: Promise<void> | undefined
    return {
      address: place.address,
      close: () => {
        closed ??= this.#cancel(place)
        return closed
      },
    }
  }

  #open({ address, onConnection }: RemoteListenRequest, answer: ListenAnswer): Place {
    const { hop, tenants } = this.#session
    // ssh2 answers what is pending by itself when the connection is lost.
    if (tenants.reason !== undefined) throw tenants.reason
    if (!answer.listens) throw listenRefused(address, hop)
    const isChosen = 'port' in address && address.port === 0
    const chosen = isChosen ? portedAddress(address, answer.port) : address
    if (chosen === undefined) {
      const what = 'broke the protocol: listens, but does not say on which port'
      throw new ConnectError('PROTOCOL_ERROR', what, { hop, phase: 'listen' })
    }
    const place: Place = { address: chosen, isChosen, onConnection, undecided: new Set() }
    this.#places.set(keyOf(chosen), place)
    return place
  }

  async #cancel(place: Place): Promise<void> {
    const { client, hop, tenants, answerTimeoutMs } = this.#session
    if (this.#places.get(keyOf(place.address)) !== place) return
    this.#close(place, new SallyportError('CLOSED', 'the forward was closed', { hop, phase: 'session' }))
    const { address } = place
    await awaitAnswer<void>(
      {
        awaited: `answer to the request to listen no more on ${formatListen(address)}`,
        limitMs: answerTimeoutMs,
        phase: 'listen',
        signal: never,
        ask: (answered) => {
          cancelListen(client, { address, answered: () => answered(() => {}) })
          return () => {}
        },
      },
      { hop, tenants },
      // Whatever it says, or does not say: nothing is let in there any more.
    ).catch(() => {})
  }

  /** Takes nothing more in there, and refuses what waits. */
  #close(place: Place, reason: SallyportError): void {
    this.#places.delete(keyOf(place.address))
    for (const connection of place.undecided) connection.end(reason)
  }

  /** It came when nobody waited any more. */
  #cancelLate(asked: Address, answer: ListenAnswer): void {
    const { client, tenants } = this.#session
    if (!answer.listens || tenants.reason !== undefined) return
    const address = 'port' in asked && asked.port === 0 ? portedAddress(asked, answer.port) : asked
    if (address === undefined) return
    try {
      cancelListen(client, { address, answered: () => {} })
    } catch {
      // The connection is gone, and with it what it listened on.
    }
  }

  #findTaker(named: Address): ((channel: OfferedChannel) => void) | undefined {
    if (this.#session.tenants.reason !== undefined) return undefined
    const place = this.#places.get(keyOf(named)) ?? this.#findUnnumbered(named)
    return place && ((channel) => this.#take(place, channel))
  }

  // OpenSSH 5 names the port 0 where it has chosen the port. That says which place only if there is no other.
  #findUnnumbered(named: Address): Place | undefined {
    if ('path' in named || named.port !== 0) return undefined
    const [place, ...others] = [...this.#places.values()].filter(
      ({ address, isChosen }) => isChosen && 'host' in address && address.host === named.host,
    )
    return others.length === 0 ? place : undefined
  }

  #take(place: Place, channel: OfferedChannel): void {
    const connection = new IncomingChannel(channel, {
      accepted: (opened) => {
        widenWindow(opened)
        return this.#adopt(new ChannelStream(opened, 'when ended'))
      },
      decided: () => void place.undecided.delete(connection),
    })
    place.undecided.add(connection)
    try {
      place.onConnection(connection)
    } catch {
      connection.refuse()
    }
  }

  #adopt(stream: Duplex): Duplex {
    this.#session.tenants.adopt(stream, (error) => void stream.destroy(error))
    return stream
  }
}

const never = new AbortController().signal

function portedAddress(address: Address, port: number | undefined): Address | undefined {
  const isPort = port !== undefined && port >= 1 && port <= 65_535
  return 'host' in address && isPort ? { host: address.host, port } : undefined
}

function keyOf(address: Address): string {
  return 'path' in address ? `unix ${address.path}` : `tcp ${address.port} ${address.host}`
}
