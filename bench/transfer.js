// Files: one large one, and many small ones, up and down, through 0 to 2 gateways, against scp and sftp with -J.

import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Connection } from 'sallyport'
import { measure } from './measure.js'
import { compare } from './ratio.js'
import { runProgram } from './run-program.js'

const mostGateways = 2
const gateways = Array.from({ length: mostGateways + 1 }, (_, count) => count)

/** With `quick`, an eighth of the bytes and a tenth of the files. */
export async function benchTransfer(servers, { rounds, quick }) {
  const amount = quick ? 128 : 1024
  const count = quick ? 1000 : 10_000
  const config = servers.writeSshConfig('ssh_transfer', ['KexAlgorithms curve25519-sha256'])
  const home = await mkdtemp(join(servers.home, 'transfer-'))
  const large = join(home, 'large')
  const small = join(home, 'small')
  await writeLarge(large, amount)
  await writeSmall(small, count)
  const contestants = gateways.flatMap((hops) =>
    ['put', 'get'].flatMap((way) =>
      [
        { what: `${amount} MiB`, source: large, check: (path) => checkSize(path, amount) },
        { what: `${count} files`, source: small, check: (path) => checkCount(path, count) },
      ].flatMap((work) =>
        Object.entries(programs).map(([who, program]) => ({
          name: title(way, work.what, who, hops),
          run: () => transfer(program, { ...work, way, hops, servers, config, home }),
        })),
      ),
    ),
  )
  try {
    const medians = await measure(contestants, { rounds })
    const rows = gateways.flatMap((hops) =>
      ['put', 'get'].flatMap((way) =>
        [`${amount} MiB`, `${count} files`].flatMap((what) =>
          ['scp', 'sftp'].map((theirs) =>
            compare(medians, {
              ours: title(way, what, 'sallyport', hops),
              theirs: title(way, what, theirs, hops),
              ...(theirs === 'scp' && hops > 0 && { atMost: 1 }),
            }),
          ),
        ),
      ),
    )
    return { title: `files, through 0 to ${mostGateways} gateways`, rows }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function title(way, what, who, hops) {
  return `${way} ${what}, ${who}, ${hops} gateways`
}

/** Opens everything within the time, for both: scp and sftp are processes. */
const programs = {
  sallyport: async ({ servers, hops, way, source, target }) => {
    const chain = []
    for (const port of [...servers.ports.slice(0, hops), ...servers.ports.slice(-1)]) {
      chain.push(new Connection(servers.host, { ...servers.options(port), gateway: chain.at(-1) ?? false }))
    }
    try {
      await chain.at(-1)[way](source, target, { recursive: true, preserveMode: false, preserveTimes: false })
    } finally {
      for (const connection of chain.reverse()) await connection.close()
    }
  },
  scp: async ({ config, hops, way, source, target }) => {
    const there = (path) => `server3:${path}`
    const [from, to] = way === 'put' ? [source, there(target)] : [there(source), target]
    await runProgram('scp', ['-q', '-r', '-F', config, ...jump(hops), from, to])
  },
  sftp: async ({ config, hops, way, source, target, home }) => {
    const batch = join(home, 'batch')
    await writeFile(batch, `${way} -r ${source} ${target}\n`)
    await runProgram('sftp', ['-q', '-F', config, ...jump(hops), '-b', batch, 'server3'])
  },
}

function jump(hops) {
  return hops === 0 ? [] : ['-J', ['server0', 'server1'].slice(0, hops).join(',')]
}

async function transfer(program, { check, home, ...work }) {
  const directory = await mkdtemp(join(home, 'copy-'))
  const target = join(directory, 'copy')
  await program({ ...work, home, target })
  return async () => {
    await check(target)
    await rm(directory, { recursive: true })
  }
}

async function writeLarge(path, amount) {
  const file = await open(path, 'w')
  const piece = Buffer.alloc(1024 * 1024)
  for (let index = 0; index < amount; index++) {
    piece.writeUInt32BE(index)
    await file.write(piece)
  }
  await file.close()
}

/** In 100 directories, each file of some hundred bytes. */
async function writeSmall(path, count) {
  for (let index = 0; index < count; index++) {
    const directory = join(path, `d${index % 100}`)
    if (index < 100) await mkdir(directory, { recursive: true })
    await writeFile(join(directory, `f${index}`), `file ${index}\n`.repeat(1 + (index % 50)))
  }
}

async function checkSize(path, amount) {
  const { size } = await stat(path)
  if (size !== amount * 1024 * 1024) throw new Error(`${path} has ${size} bytes`)
}

async function checkCount(path, count) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).length
  if (files !== count) throw new Error(`${path} has ${files} files`)
}
