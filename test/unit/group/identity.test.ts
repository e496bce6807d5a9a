import { describe, expect, test } from 'vitest'
import {
  Connection,
  type ConnectionOptions,
  Group,
  type GroupHosts,
  httpConnect,
} from '../../../src/index.js'

const nothing = { sshConfig: false, config: false } as const
const asRoot = { ...nothing, user: 'root' } as const

function gateway(host: string): Connection {
  return new Connection(host, { ...nothing, user: 'ops' })
}

async function idsOf(hosts: GroupHosts, connection: ConnectionOptions = asRoot): Promise<readonly string[]> {
  const members = await new Group(hosts, { connection }).members()
  return members.map(({ id }) => id)
}

describe('a member', () => {
  test('is the whole route, and knows the gateway before it', async () => {
    const jumps = { ...asRoot, proxyJump: 'ops@a:2200,ops@b' }
    expect(await new Group(['10.0.0.5'], { connection: jumps }).members()).toEqual([
      {
        id: 'ops@a:2200 > ops@b:22 > root@10.0.0.5:22',
        host: '10.0.0.5',
        gateway: 'ops@a:2200 > ops@b:22',
      },
    ])
    expect(await new Group(['[2001:db8::1]:2200'], { connection: asRoot }).members()).toEqual([
      { id: 'root@[2001:db8::1]:2200', host: '2001:db8::1', gateway: undefined },
    ])
  })

  test('of one address behind two gateways is two', async () => {
    const [a, b] = [gateway('a'), gateway('b')]
    const hosts = [a, b].map((each) => new Connection('10.0.0.5', { ...asRoot, gateway: each }))
    expect(await idsOf(hosts)).toEqual(['ops@a:22 > root@10.0.0.5:22', 'ops@b:22 > root@10.0.0.5:22'])
  })

  test('is one however often it was named, in the place where it was named first', async () => {
    const same = new Connection('web1', asRoot)
    const hosts = ['web2', 'web1', 'root@web1:22', 'ssh://web1', same, 'WEB1', 'web2', same]
    expect(await idsOf(hosts)).toEqual(['root@web2:22', 'root@web1:22'])
  })

  test('of another user, port or address is another one', async () => {
    const db = (hostName: string) => new Connection('db', { ...asRoot, hostName })
    expect(await idsOf(['web1', 'ops@web1', 'web1:2200'], nothing)).toHaveLength(3)
    expect(await idsOf([db('10.0.0.1'), db('10.0.0.2')])).toEqual([
      'root@db:22 (10.0.0.1)',
      'root@db:22 (10.0.0.2)',
    ])
  })

  test('names what lies on its way, and no secret', async () => {
    const dialer = (name?: string) => ({ ...(name && { name }), dial: () => Promise.reject(new Error('no')) })
    const by = async (options: ConnectionOptions) => (await idsOf(['h'], { ...asRoot, ...options }))[0]
    expect(await by({ proxyCommand: 'relay --token=hunter2 %h:%p' })).toBe(
      'command relay --token=[secret] %h:%p > root@h:22',
    )
    expect(await by({ gateway: httpConnect('http://ops:hunter2@proxy:3128') })).toBe(
      'http://proxy:3128 > root@h:22',
    )
    expect(await by({ gateway: dialer('a tunnel') })).toBe('a tunnel > root@h:22')
    expect(await by({ gateway: { command: 'nc %h %p', on: gateway('a') } })).toBe(
      'ops@a:22 > command nc %h %p > root@h:22',
    )
  })

  test('behind two things of one name is two', async () => {
    const dialer = () => ({ dial: () => Promise.reject(new Error('no')) })
    const [one, two] = [dialer(), dialer()]
    const hosts = [one, two, one].map((each) => new Connection('h', { ...asRoot, gateway: each }))
    expect(await idsOf(hosts)).toEqual(['a dialer > root@h:22', 'a dialer #2 > root@h:22'])
  })

  test('without a route is the name as it was given, once', async () => {
    const group = new Group(['-oProxyCommand=x', 'ok', '-oProxyCommand=x', 'a b'], { connection: asRoot })
    const members = await group.members()
    expect(members.map(({ id, host, gateway: before }) => [id, host, before])).toEqual([
      ['-oProxyCommand=x', '-oProxyCommand=x', undefined],
      ['root@ok:22', 'ok', undefined],
      ['a b', 'a b', undefined],
    ])
  })
})
