// Network namespaces joined by veth pairs: hosts that can be reached only through another, and links that go silent
// without a word. A namespace has one address and no route but to its uplink, and forwards nothing: what lies behind
// it can be reached only by a program that runs in it. Needs root and `ip` of iproute2.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface NetnsOptions {
  /** The namespace that the new one is joined to. Default: the machine's own. */
  readonly uplink?: Netns | undefined
}

let count = 0

/** Makes a namespace. Rejects with one sentence when the caller lacks the rights or `ip` is missing. */
export async function createNetns(options: NetnsOptions = {}): Promise<Netns> {
  const number = ++count
  const tag = `${process.pid.toString(36)}${number}`
  const name = `sp${tag}`
  const [near, far] = [`sn${tag}`, `sf${tag}`]
  // 198.18.0.0/15 is kept for tests (RFC 2544); each pair takes four addresses of it.
  const base = ((process.pid * 16 + number) % 32_767) * 4
  const dotted = (offset: number): string =>
    `198.${18 + ((base + offset) >> 16)}.${((base + offset) >> 8) & 255}.${(base + offset) & 255}`
  await ip(['netns', 'add', name])
  const netns = new Netns({ name, far, address: dotted(2), uplinkAddress: dotted(1), uplink: options.uplink })
  try {
    const outer = options.uplink?.name
    await ip(['link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name], outer)
    await ip(['addr', 'add', `${dotted(1)}/30`, 'dev', near], outer)
    await ip(['link', 'set', near, 'up'], outer)
    await ip(['addr', 'add', `${dotted(2)}/30`, 'dev', far], name)
    await ip(['link', 'set', 'lo', 'up'], name)
    await ip(['link', 'set', far, 'up'], name)
    // The machine itself must not look for it elsewhere, by its default route.
    if (outer !== undefined) await ip(['route', 'add', 'unreachable', `${dotted(0)}/30`])
  } catch (error) {
    await netns[Symbol.asyncDispose]()
    throw error
  }
  return netns
}

interface Parts {
  readonly name: string
  readonly far: string
  readonly address: string
  readonly uplinkAddress: string
  readonly uplink: Netns | undefined
}

/** A namespace. Give it to `startSshd({ netns })`. Whoever made it disposes it, after what runs in it. */
export class Netns implements AsyncDisposable {
  readonly name: string
  /** Its address on the link to its uplink. */
  readonly address: string
  /** The uplink's address on that link. */
  readonly uplinkAddress: string
  readonly #far: string
  readonly #uplink: Netns | undefined

  constructor(parts: Parts) {
    this.name = parts.name
    this.address = parts.address
    this.uplinkAddress = parts.uplinkAddress
    this.#far = parts.far
    this.#uplink = parts.uplink
  }

  /** Cuts the link at its far end: whoever sends to it is told nothing. */
  async linkDown(): Promise<void> {
    await ip(['link', 'set', this.#far, 'down'], this.name)
  }

  async linkUp(): Promise<void> {
    await ip(['link', 'set', this.#far, 'up'], this.name)
  }

  /** Lets packets in and no answer out: the peer is told nothing. Lasts until `restoreRoute`. */
  async blackholeRoute(): Promise<void> {
    await ip(['route', 'add', 'blackhole', `${this.uplinkAddress}/32`], this.name)
  }

  async restoreRoute(): Promise<void> {
    await ip(['route', 'del', 'blackhole', `${this.uplinkAddress}/32`], this.name)
  }

  /** Runs a program inside. Rejects as execFile does. */
  async run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return execute('ip', ['netns', 'exec', this.name, program, ...args])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Deleting one end of a pair deletes the other at once; deleting the namespace alone would do it some time later.
    await ip(['link', 'del', this.#far], this.name).catch(() => undefined)
    await ip(['netns', 'del', this.name]).catch(() => undefined)
    if (this.#uplink !== undefined) {
      const [, prefix = ''] = this.address.match(/^(.*\.)\d+$/) ?? []
      const network = `${prefix}${Number(this.address.slice(prefix.length)) - 2}/30`
      await ip(['route', 'del', 'unreachable', network]).catch(() => undefined)
    }
  }
}

async function ip(args: readonly string[], netns?: string): Promise<void> {
  try {
    await execute('ip', netns === undefined ? [...args] : ['-n', netns, ...args])
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error('network namespaces need the program ip: install iproute2')
    }
    if (/not permitted|Permission denied/.test(String(error))) {
      throw new Error(
        'network namespaces need root with CAP_SYS_ADMIN and CAP_NET_ADMIN: run the tests as root',
      )
    }
    throw error
  }
}
