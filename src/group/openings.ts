// How the members of a group are opened: not too many at once towards one server, with patience for a busy one, and not
// again and again through a gateway that is gone. One Openings is for one work of a group.

import { abortError } from '../aborted.js'
import type { Connection } from '../connection.js'
import type { CallOptions } from '../dialer.js'
import { SallyportError } from '../errors.js'
import { hopRef, type Route } from '../route/route.js'
import { backOff, mostTries } from './back-off.js'
import { GatewayDoubts, type Passage } from './gateway-doubts.js'
import { type EndTurn, HandshakeRamp } from './handshake-ramp.js'
import { openGateways } from './open-gateways.js'
import { Patience } from './patience.js'
import { countOpenGateways, findGatewayFailure, type Way, wayOf } from './way.js'

/** How often one member goes on after failures that were a gateway's. */
const mostDetours = 5

export class Openings {
  readonly #ramps = new Map<string, HandshakeRamp>()
  readonly #doubts = new GatewayDoubts()
  readonly #ways = new WeakMap<Connection, Way>()
  readonly #openGateways: typeof openGateways

  constructor(open: typeof openGateways = openGateways) {
    this.#openGateways = open
  }

  /**
   * Opens a connection, which the caller closes. Rejects like `Connection.open`; with SERVER_BUSY only after ten tries;
   * and for a gateway that failed twice at once, with its error. `timeoutMs` is for all of it, waiting for its turn and
   * further tries included. Many listen on the signal: it must be one that allows that.
   */
  async open(connection: Connection, options: CallOptions = {}): Promise<void> {
    const patience = new Patience(options)
    const { signal } = patience
    try {
      const route = await connection.resolve({ signal })
      const way = wayOf(route)
      this.#ways.set(connection, way)
      if (connection.state === 'open') await connection.open({ signal })
      else await this.#dial(connection, { route, way, patience })
    } finally {
      patience.dispose()
    }
  }

  /** Is told what the work on an open member failed with: its gateway may have died. */
  failed(connection: Connection, error: unknown): void {
    const way = this.#ways.get(connection)
    const failure = way && findGatewayFailure(error, way)
    if (failure !== undefined) this.#doubts.hear(failure)
  }

  async #dial(connection: Connection, context: Context): Promise<void> {
    const { route, way, patience } = context
    const { signal } = patience
    const ramp = this.#rampOf(way.server)
    let busy = 0
    let detours = 0
    for (;;) {
      const { passage, endTurn } = await this.#await(ramp, context)
      const begunAt = performance.now()
      try {
        // The others wait for the gateways alone, and not for this member's own server.
        const isTrial = way.gateways.some((gateway) => passage.isTrial(gateway))
        if (isTrial && (await this.#openGateways(connection, { route, signal }))) {
          passage.end(way.gateways.length)
        }
        await connection.open({ signal })
        passage.end(way.gateways.length)
        endTurn('open')
        return
      } catch (error) {
        const isBusy = error instanceof SallyportError && error.code === 'SERVER_BUSY'
        const failure = findGatewayFailure(error, way)
        const isOver =
          failure !== undefined && patience.blames(error, begunAt) && this.#doubts.hear(failure, passage)
        passage.end(signal.aborted ? 0 : countOpenGateways(error))
        endTurn(isBusy && failure === undefined ? 'busy' : 'failed')
        if (signal.aborted || isOver) throw error
        // How often a busy gateway is tried is counted for all who are behind it.
        if (failure !== undefined && (isBusy || ++detours < mostDetours)) continue
        if (failure !== undefined || !isBusy || ++busy >= mostTries) throw error
      }
      await this.#asOurs(context, () => backOff(busy, signal))
    }
  }

  /** Until the gateways are beyond doubt and it is this member's turn. */
  async #await(
    ramp: HandshakeRamp,
    context: Context,
  ): Promise<{ readonly passage: Passage; readonly endTurn: EndTurn }> {
    const { way, patience } = context
    for (;;) {
      const passage = await this.#doubts.pass(way.gateways, patience.signal)
      try {
        const endTurn = await this.#asOurs(context, () => ramp.enter(patience.signal))
        if (passage.isValid) return { passage, endTurn }
        endTurn('failed')
      } catch (error) {
        passage.end(0)
        throw error
      }
      passage.end(0)
    }
  }

  #rampOf(server: string): HandshakeRamp {
    const ramp = this.#ramps.get(server) ?? new HandshakeRamp()
    this.#ramps.set(server, ramp)
    return ramp
  }

  async #asOurs<T>({ route, patience: { signal } }: Context, wait: () => Promise<T>): Promise<T> {
    try {
      return await wait()
    } catch (error) {
      if (!signal.aborted) throw error
      throw abortError(signal.reason, { hop: hopRef(route, route.hops.length - 1), phase: 'dial' })
    }
  }
}

interface Context {
  readonly route: Route
  readonly way: Way
  readonly patience: Patience
}
