// Who uses a hop: those who hold a lease or wait for one, and whose work is to keep the process alive.

export interface UsageOptions {
  /** The usage of the hop before: whoever works here needs all that is below. */
  readonly gateway: Usage | undefined
  /** Told when the first work begins and when the last has ended. */
  readonly onWorking: (working: boolean) => void
}

/** One user of a hop. */
export interface Use {
  /** Counts its work, which keeps the process alive, again, if it has any. */
  ref(): void
  /** Counts its work no more, though it still uses the hop. */
  unref(): void
  /** Counts the user out. Idempotent. */
  end(): void
}

export class Usage {
  readonly #options: UsageOptions
  #users = 0
  #work = 0
  #endBelow: (() => void) | undefined

  constructor(options: UsageOptions) {
    this.#options = options
  }

  get isUnused(): boolean {
    return this.#users === 0
  }

  get isWorking(): boolean {
    return this.#work > 0
  }

  /** Counts a user in, whose work counts as well. */
  enter({ isWork }: { readonly isWork: boolean }): Use {
    this.#users += 1
    let hasEnded = false
    let endWork = isWork ? this.work() : undefined
    return {
      ref: () => {
        if (isWork && !hasEnded) endWork ??= this.work()
      },
      unref: () => {
        endWork?.()
        endWork = undefined
      },
      end: once(() => {
        hasEnded = true
        this.#users -= 1
        endWork?.()
      }),
    }
  }

  /** Counts work that is nobody's lease; the returned function ends it, once. */
  work(): () => void {
    this.#work += 1
    if (this.#work === 1) {
      this.#options.onWorking(true)
      this.#endBelow = this.#options.gateway?.work()
    }
    return once(() => this.#endWork())
  }

  #endWork(): void {
    this.#work -= 1
    if (this.#work > 0) return
    this.#options.onWorking(false)
    this.#endBelow?.()
  }
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
