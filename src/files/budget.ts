// How many bytes a transfer may hold at once, over all files that are under way.

interface Waiter {
  readonly bytes: number
  readonly go: () => void
}

/** Room in memory. Whoever takes some gives it back, and takes no more before that while others could wait for it. */
export class Budget {
  #room: number
  readonly #size: number
  readonly #waiting: Waiter[] = []

  constructor(bytes: number) {
    this.#size = bytes
    this.#room = bytes
  }

  /** Whether it would not have to wait. */
  hasRoom(bytes: number): boolean {
    return this.#waiting.length === 0 && this.#room >= Math.min(bytes, this.#size)
  }

  /** Waits for its turn. More than there is at all counts as all there is. The function gives it back, once. */
  async take(bytes: number): Promise<() => void> {
    const wanted = Math.min(bytes, this.#size)
    if (this.#waiting.length > 0 || this.#room < wanted) {
      await new Promise<void>((go) => this.#waiting.push({ bytes: wanted, go }))
    } else this.#room -= wanted
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      this.#give(wanted)
    }
  }

  #give(bytes: number): void {
    this.#room += bytes
    for (
      let next = this.#waiting[0];
      next !== undefined && next.bytes <= this.#room;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift()
      this.#room -= next.bytes
      next.go()
    }
  }
}
