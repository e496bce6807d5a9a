// Every source of configuration sends the same host to another server: where the connection goes tells which of them
// counted. It runs in a program of its own, for which alone /etc is another one.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostEntry } from '../support/config-hosts.js'
import { keyPair } from '../support/keys.js'
import { leakCheck } from '../support/leak-check.js'
import { knownHostsFile } from '../support/link-up.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'
import { scratchDir } from '../support/run-dir.js'
import { type Sshd, startSshd } from '../support/sshd.js'

leakCheck()

/** In the order of falling precedence, as documented. */
const sources = [
  'option',
  'directive',
  'ssh_config of the user',
  'ssh_config of the system',
  'environment',
  'project',
  'user',
  'system',
] as const

let sshds: readonly Sshd[]
let start: StartProgram
beforeAll(async () => {
  const userKey = await keyPair('precedence')
  sshds = await Promise.all(sources.map((name) => startSshd({ name, userKey })))
  start = await bundleLibrary()
})
afterAll(() => Promise.all(sshds.map((sshd) => sshd.stop())))

/** An /etc that nobody else sees, and can be written. */
const ownEtc =
  'mkdir -p "$0/rig" && mount -t tmpfs rig "$0/rig" && mkdir "$0/rig/upper" "$0/rig/work" && ' +
  'mount -t overlay rig -o "lowerdir=/etc,upperdir=$0/rig/upper,workdir=$0/rig/work" /etc && exec "$@"'

// For each set of sources, writes what they say, connects, and tells the port at which it arrived.
const body = `
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
const { sources, places, common, sets, home } = given
process.env.HOME = home
for (const name of Object.keys(process.env)) if (name.startsWith('SALLYPORT_')) delete process.env[name]
const write = (file, text) => { mkdirSync(dirname(file), { recursive: true }); writeFileSync(file, text, { mode: 0o600 }) }
const ssh = ({ hostName, port }) => 'Host db\\n HostName ' + hostName + '\\n Port ' + port + '\\n'
const own = (place) => JSON.stringify({ hosts: { db: place } })
const files = {
  'ssh_config of the user': [home + '/.ssh/config', ssh],
  'ssh_config of the system': ['/etc/ssh/ssh_config', ssh],
  project: ['sallyport.config.json', own],
  user: [home + '/.config/sallyport/config.json', own],
  system: ['/etc/sallyport/config.json', own],
}
const went = []
for (const set of sets) {
  const has = (source) => set.includes(source)
  for (const [source, [file, text]] of Object.entries(files)) {
    if (has(source)) write(file, text(places[source]))
    else rmSync(file, { force: true })
  }
  for (const [variable, key] of [['HOST_NAME', 'hostName'], ['PORT', 'port']]) {
    const name = 'SALLYPORT_HOSTS__DB__' + variable
    if (has('environment')) process.env[name] = String(places.environment[key])
    else delete process.env[name]
  }
  const { hostName, port } = places.directive
  const db = new Connection('db', {
    ...common,
    ...(has('option') ? places.option : {}),
    ...(has('directive') ? { sshOptions: ['HostName ' + hostName, 'Port=' + port] } : {}),
  })
  went.push((await db.run('echo $SSH_CONNECTION')).stdout.trim().split(' ')[3])
  await db.close()
}
console.log('went ' + JSON.stringify(went))
`

/** Which source decided, for each set of sources that are there. */
async function decidersOf(sets: readonly (readonly string[])[]): Promise<readonly (string | undefined)[]> {
  const [first] = sshds
  if (first === undefined) throw new Error('no servers')
  const { hostName: _, port: __, ...common } = hostEntry(first)
  const directory = scratchDir('precedence')
  await using program = start(body, {
    given: {
      places: Object.fromEntries(
        sources.map((name, at) => [name, { hostName: sshds[at]?.host, port: sshds[at]?.port }]),
      ),
      common: {
        ...common,
        userKnownHostsFile: [knownHostsFile(sshds.map((sshd) => sshd.knownHostsLine()).join(''))],
      },
      sets,
      home: directory,
    },
    cwd: scratchDir('project'),
    under: ['unshare', '--mount', 'sh', '-c', ownEtc, directory],
  })
  await program.ended
  const [went = 'null'] = program.stdout.lines().flatMap(({ text }) => /^went (.*)/.exec(text)?.[1] ?? [])
  const ports = JSON.parse(went) as readonly string[] | null
  if (ports === null)
    throw new Error(
      program.stderr
        .lines()
        .map(({ text }) => text)
        .join('\n'),
    )
  return ports.map((port) => sources[sshds.findIndex((sshd) => String(sshd.port) === port)])
}

test('of any two sources the higher one decides where a connection goes', async () => {
  const pairs = sources.flatMap((high, at) => sources.slice(at + 1).map((low) => [high, low]))
  expect(await decidersOf(pairs)).toEqual(pairs.map(([high]) => high))
})

test('of all sources the highest decides, and without it the next', async () => {
  const sets = sources.map((_, at) => sources.slice(at))
  expect(await decidersOf(sets)).toEqual(sources)
})
