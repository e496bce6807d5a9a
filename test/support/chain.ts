// Servers in a row, each willing to forward to the next and to nothing else. The order is proved by their logs:
// sshd i lists the address of sshd i+1 in forwards(), and only the last one runs commands.
// On loopback the later ones can also be reached directly; where that must be impossible, use netns.ts.

import { type Sshd, type SshdOptions, startSshd } from './sshd.js'

/** Arguments of the n-th server, counted from 0. */
export type LinkOptions = (index: number) => SshdOptions

export class Chain implements AsyncDisposable {
  /** In the order in which they are visited; the last one is the target. */
  readonly sshds: readonly Sshd[]

  constructor(sshds: readonly Sshd[]) {
    this.sshds = sshds
  }

  /** The server at that place. */
  at(index: number): Sshd {
    const found = this.sshds.at(index)
    if (found === undefined) throw new RangeError(`the chain has ${this.sshds.length} servers`)
    return found
  }

  /** A known_hosts file's text that knows all of them. */
  knownHosts(): string {
    return this.sshds.map((sshd) => sshd.knownHostsLine()).join('')
  }

  /** How many forwards to the next one each server was asked for, the target excluded: `[1, 1]` for one way through. */
  passages(): readonly number[] {
    return this.sshds.slice(0, -1).map((sshd, index) => {
      const next = this.at(index + 1)
      return sshd.forwards().filter((address) => address === `${next.host}:${next.port}`).length
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.sshds.map((sshd) => sshd.stop()))
  }
}

/** Starts `length` servers, the last one first. `options` are for the single servers. */
export async function startChain(length: number, options: LinkOptions = () => ({})): Promise<Chain> {
  const sshds: Sshd[] = []
  try {
    for (let index = length - 1; index >= 0; index--) {
      const next = sshds[0]
      const given = options(index)
      const permit = next === undefined ? 'PermitOpen none' : `PermitOpen ${next.host}:${next.port}`
      const config = [permit, ...(given.config ?? [])]
      sshds.unshift(await startSshd({ name: `hop ${index + 1} of ${length}`, ...given, config }))
    }
  } catch (error) {
    await new Chain(sshds)[Symbol.asyncDispose]()
    throw error
  }
  return new Chain(sshds)
}
