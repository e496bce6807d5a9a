// How long it takes to resolve hosts against a large ssh_config, in a warm process, against `ssh -G`: one process for
// each host, as that is how it is asked.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolve } from '../dist/index.js'
import { measure } from './measure.js'
import { compare } from './ratio.js'
import { runProgram } from './run-program.js'

const lines = 10_000
const linesPerHost = 4
const few = 25
const many = 10_000

export async function benchResolve(_servers, { rounds }) {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-bench-'))
  try {
    const file = join(directory, 'config')
    await writeFile(file, largeConfig())
    const medians = await measure(
      [
        { name: `resolve, ${few} hosts`, run: () => resolveHosts(file, few) },
        { name: `ssh -G, ${few} hosts`, run: () => askHosts(file, few) },
        { name: `resolve, ${many} hosts`, run: () => resolveHosts(file, many) },
        { name: `resolve with own files, ${many} hosts`, run: () => resolveHosts(file, many, {}) },
      ],
      { rounds },
    )
    const rows = [
      compare(medians, { ours: `resolve, ${few} hosts`, theirs: `ssh -G, ${few} hosts`, atMost: 0.5 }),
      compare(medians, { ours: `resolve, ${many} hosts`, theirs: `ssh -G, ${few} hosts` }),
      compare(medians, { ours: `resolve with own files, ${many} hosts`, theirs: `ssh -G, ${few} hosts` }),
    ]
    return { title: `Resolving against ${lines} lines of ssh_config`, rows }
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Hosts by name and by pattern, and what everybody has at the end. */
function largeConfig() {
  const blocks = []
  for (let host = 0; host < lines / linesPerHost; host++) {
    const pattern = host % 10 === 0 ? `group${host}-*` : `host${host}`
    blocks.push(
      `Host ${pattern}\n  HostName 10.${host >> 8}.${host & 255}.1\n  User user${host}\n  Port ${2000 + (host % 100)}\n`,
    )
  }
  return `${blocks.join('')}Host *\n  ServerAliveInterval 30\n`
}

/** Spread over the whole file. */
function hostAt(index, count) {
  const host = Math.floor((index * (lines / linesPerHost)) / count)
  return host % 10 === 0 ? `group${host}-${index}` : `host${host}`
}

// By default our own files are looked for with every host, from the working directory upwards.
async function resolveHosts(file, count, options = { config: false }) {
  for (let index = 0; index < count; index++) {
    const { hops } = await resolve(hostAt(index, count), { sshConfig: file, ...options })
    if (!hops[0]?.user.startsWith('user')) throw new Error(`${hostAt(index, count)} was not found`)
  }
}

async function askHosts(file, count) {
  for (let index = 0; index < count; index++)
    await runProgram('ssh', ['-G', '-F', file, hostAt(index, count)])
}
