// How fast something goes: over the last seconds, so that neither a burst nor a long past counts too much.

const windowMs = 5000
const soonestMs = 300

/** Takes how much there is at moments, and gives the rate. */
export class ProgressRate {
  #samples: { readonly atMs: number; readonly bytes: number }[] = []

  /** `atMs` never falls. Fewer bytes than before are a new beginning. */
  add(bytes: number, atMs: number): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && bytes < last.bytes) this.#samples = []
    this.#samples.push({ atMs, bytes })
    // One that is older stays: from it on the window is whole.
    while ((this.#samples[1]?.atMs ?? atMs) < atMs - windowMs) this.#samples.shift()
  }

  /** Bytes in a second; `undefined` before enough time has passed to tell. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || last.atMs < first.atMs + soonestMs) return undefined
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000
  }
}
