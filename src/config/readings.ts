// What was read from files, kept by name, and read again when it may have changed. Who asks is answered with what there was
// at the time of the question or later, never with less; many who ask at the same time share few readings.

/** One file, by its status `S` and by what is made of its content, `T`. */
export interface Source<S, T> {
  /** Its status at this moment; undefined where there is no such file. */
  readonly look: () => Promise<S | undefined>
  readonly read: () => Promise<T | undefined>
  /** Whether reading the file, which has this status now, would give the same. */
  readonly isCurrent: (kept: T, now: S) => boolean
}

export interface Readings<S, T> {
  /** What the file holds; undefined where there is none. Rejects as the source does, and keeps no failure. */
  find(key: string, source: Source<S, T>): Promise<T | undefined>
}

interface Reading<T> {
  /** When it began, in a count of our own. */
  readonly begun: number
  readonly found: Promise<T | undefined>
}

/** Keeps at most `capacity` files; the one that was read first goes first. */
export function createReadings<S, T>(capacity: number): Readings<S, T> {
  const readings = new Map<string, Reading<T>>()
  let moment = 0

  function begin(key: string, found: Promise<T | undefined>): void {
    moment += 1
    readings.delete(key)
    readings.set(key, { begun: moment, found })
    const oldest = readings.keys().next()
    if (readings.size > capacity && oldest.done !== true) readings.delete(oldest.value)
  }

  return {
    async find(key, { look, read, isCurrent }) {
      moment += 1
      const asked = moment
      const now = await look()
      if (now === undefined) return undefined
      for (;;) {
        const held = readings.get(key)
        const isNew = held !== undefined && held.begun > asked
        const found = await (isNew ? held.found : held?.found.catch(() => undefined))
        if (isNew || (found !== undefined && isCurrent(found, now))) return found
        // Another one who asks may have begun to read it in the meantime.
        if (readings.get(key) === held) begin(key, read())
      }
    },
  }
}
