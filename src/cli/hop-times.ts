// How long each hop took to open, phase by phase, gathered from what the library tells.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { PhaseEvent } from '../index.js'

/** Gathers from its making until it is disposed. */
export class HopTimes implements Disposable {
  readonly #phases = new Map<number, PhaseEvent[]>()

  constructor() {
    subscribe('sallyport:phase', this.#onPhase)
  }

  /** One line for each hop: its name, the sum, and the phases of it. Then begins anew. */
  take(): readonly string[] {
    const hops = [...this.#phases.entries()].sort(([a], [b]) => a - b).map(([, phases]) => phases)
    const width = Math.max(0, ...hops.map(([first]) => first?.hop.host.length ?? 0))
    this.#phases.clear()
    return hops.map((phases) => {
      const [first] = phases
      const total = phases.reduce((sum, { durationMs }) => sum + durationMs, 0)
      const name = (first?.hop.host ?? '').padEnd(width)
      return `${(first?.hop.index ?? 0) + 1}  ${name}  ${total.toFixed(1).padStart(6)} ms: ${formatPhases(phases)}`
    })
  }

  [Symbol.dispose](): void {
    unsubscribe('sallyport:phase', this.#onPhase)
  }

  readonly #onPhase = (event: unknown): void => {
    const phase = event as PhaseEvent
    const known = this.#phases.get(phase.hop.index) ?? []
    this.#phases.set(phase.hop.index, [...known, phase])
  }
}

// A phase that was left and entered again, as the key exchange is for the host key, is one phase here.
function formatPhases(phases: readonly PhaseEvent[]): string {
  const sums = new Map<string, number>()
  for (const { phase, durationMs } of phases) sums.set(phase, (sums.get(phase) ?? 0) + durationMs)
  return [...sums].map(([phase, sum]) => `${phase} ${sum.toFixed(1)}`).join(', ')
}
