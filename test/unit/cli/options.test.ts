import { expect, it } from 'vitest'
import { readCommandLine } from '../../../src/cli/command-line.js'
import { MisuseError } from '../../../src/cli/misuse.js'
import { readRequest, sourcesOf, verbosityOf } from '../../../src/cli/options.js'
import { type Hop, resolve } from '../../../src/index.js'

async function hopsOf(...args: readonly string[]): Promise<readonly Hop[]> {
  const invocation = readCommandLine(['run', ...args, '--', 'true'])
  if (invocation.ask !== 'command') throw new Error('no command')
  const { destination, options } = readRequest(invocation)
  return (await resolve(destination, { ...options, config: false, sshConfig: options.sshConfig ?? false }))
    .hops
}

async function targetOf(...args: readonly string[]): Promise<Hop> {
  const target = (await hopsOf(...args)).at(-1)
  if (target === undefined) throw new Error('no hops')
  return target
}

it('-l and -p win over the user and the port in the host, as with ssh', async () => {
  expect(await targetOf('-l', 'b', '-p', '2', 'a@h:1')).toMatchObject({ user: 'b', host: 'h', port: 2 })
  expect(await targetOf('-l', 'b', 'ssh://a@h:1')).toMatchObject({ user: 'b', host: 'h', port: 1 })
  expect(await targetOf('-p', '2', 'a@[::1]:1')).toMatchObject({ user: 'a', host: '::1', port: 2 })
  expect(await targetOf('-o', 'User=b', 'a@h')).toMatchObject({ user: 'b' })
})

it('the first of several values wins, as with ssh, and key files gather', async () => {
  expect(await targetOf('-p', '1', '-o', 'Port=2', '-p', '3', 'h')).toMatchObject({ port: 1 })
  const { settings } = await targetOf('-i', '/a b', '-o', 'IdentityFile=/c', '-i', '/d', 'h')
  expect(settings.identityFile).toEqual(['/a b', '/c', '/d'])
})

it.each(['StrictHostKeyChecking=no', 'stricthostkeychecking no', '  StrictHostKeyChecking = no '])(
  '-o %j is read as in ssh_config',
  async (text) => {
    expect((await targetOf('-o', text, 'h')).settings.strictHostKeyChecking).toBe('no')
  },
)

it('what -o cannot be used for is said in its own words', async () => {
  await expect(hopsOf('-o', 'Nonsense=yes', 'h')).rejects.toThrow(/^-o Nonsense: bad configuration option/)
  await expect(hopsOf('-o', 'Port=x', 'h')).rejects.toThrow(/^-o Port: /)
  await expect(hopsOf('-p', 'x', 'h')).rejects.toThrow(/^-p: must be a whole number/)
  await expect(hopsOf('-o', 'Port', 'h')).rejects.toThrow(/^-o needs Keyword=value/)
  await expect(hopsOf('-J', 'a,,b', 'h')).rejects.toThrow(/^-J: an empty hop/)
  await expect(hopsOf('-F', '/no/such file', 'h')).rejects.toThrow(/no such file/)
})

it('-l and -p count unless an -o before them has said the same, as with ssh', async () => {
  expect(await targetOf('-o', 'Port=1', '-p', '2', '-o', 'User=a', '-l', 'b', 'h')).toMatchObject({
    user: 'a',
    port: 1,
  })
  expect(await targetOf('-p', '2', '-o', 'Port=1', '-l', 'b', '-o', 'User=a', 'h')).toMatchObject({
    user: 'b',
    port: 2,
  })
})

it.each([
  [
    ['-i', '/a b', '-o', 'IdentityFile=/c', '-i', '/d'],
    ['/a b', '/c', '/d'],
  ],
  [
    ['-o', 'IdentityFile=/c', '-i', '/a"b\\'],
    ['/c', '/a"b\\'],
  ],
] as const)('the key files of %j keep their order', async (flags, files) => {
  expect((await targetOf(...flags, 'h')).settings.identityFile).toEqual(files)
})

it('-F names the ssh_config, and none is none; --config and --no-config are about our own', () => {
  const sources = (...flags: readonly string[]): unknown => {
    const invocation = readCommandLine(['run', ...flags, 'h', '--', 'x'])
    return invocation.ask === 'command' ? sourcesOf(invocation) : undefined
  }
  expect(sources()).toEqual({ sshConfig: undefined, config: undefined })
  expect(sources('-F', 'file')).toEqual({ sshConfig: 'file', config: undefined })
  expect(sources('-Fnone', '--no-config')).toEqual({ sshConfig: [], config: false })
  expect(sources('--config=own.yaml')).toEqual({ sshConfig: undefined, config: 'own.yaml' })
  expect(() => sources('--config=own.yaml', '--no-config')).toThrow(MisuseError)
})

it('each value has the flag as its origin', async () => {
  const { origins } = await targetOf('-p', '1', '-o', 'HostName=x', '-4', 'h')
  expect(origins.port.from).toBe('-p')
  expect(origins.hostName.from).toBe('-o HostName')
  expect(origins.addressFamily.from).toBe('-4')
})

it('gateways are visited as -J lists them, and get none of the options of the host', async () => {
  const key = '/a key of the host'
  const hops = await hopsOf(
    '-J',
    'x@a:1,b',
    '-l',
    'u',
    '-p',
    '9',
    '-i',
    key,
    '-o',
    'HostKeyAlias=k',
    '-A',
    'h',
  )
  expect(hops.map(({ host, port }) => [host, port])).toEqual([
    ['a', 1],
    ['b', 22],
    ['h', 9],
  ])
  for (const { user, settings } of hops.slice(0, 2)) {
    expect(user).not.toBe('u')
    expect(settings).toMatchObject({ identityFile: undefined, hostKeyAlias: undefined, forwardAgent: false })
  }
  expect(hops[2]?.settings).toMatchObject({ identityFile: [key], hostKeyAlias: 'k', forwardAgent: true })
})

it('-o ProxyJump and -o ProxyCommand are gateways, too, and none is none', async () => {
  expect((await hopsOf('-o', 'ProxyJump=a', 'h')).map(({ host }) => host)).toEqual(['a', 'h'])
  expect((await targetOf('-o', 'ProxyCommand=nc %h %p', 'h')).link).toMatchObject({
    kind: 'command',
    text: 'nc %h %p',
  })
  expect((await targetOf('-o', 'ProxyCommand none', 'h')).link).toEqual({ kind: 'tcp' })
})

it('-J with a ProxyCommand is a conflict that names both, and -J twice is misuse', async () => {
  const conflict = hopsOf('-J', 'a', '-o', 'ProxyCommand=x', 'h')
  await expect(conflict).rejects.toThrow('two kinds of gateway for one host: -J and -o ProxyCommand')
  await expect(conflict).rejects.toBeInstanceOf(MisuseError)
  await expect(hopsOf('-J', 'a', '-J', 'b', 'h')).rejects.toThrow('-J was given twice')
})

it('-v counts up to two', () => {
  const verbosity = (...flags: readonly string[]) => {
    const invocation = readCommandLine(['shell', ...flags, 'h'])
    return invocation.ask === 'command' ? verbosityOf(invocation) : undefined
  }
  expect([verbosity(), verbosity('-v'), verbosity('-vv'), verbosity('-v', '-vvv')]).toEqual([0, 1, 2, 2])
})

it('-t and -T say which terminal a command gets, the last of them, whatever -o says', async () => {
  const requestTty = async (...args: readonly string[]) => (await targetOf(...args, 'h')).settings.requestTty
  expect(await requestTty()).toBe('auto')
  expect(await requestTty('-t')).toBe('yes')
  expect(await requestTty('-t', '-t')).toBe('force')
  expect(await requestTty('-tt', '-T')).toBe('no')
  expect(await requestTty('-tt', '-T', '-t')).toBe('yes')
  expect(await requestTty('-o', 'RequestTTY=force', '-T')).toBe('no')
  expect((await targetOf('-tt', 'h')).origins.requestTty).toMatchObject({ from: '-t' })
})
