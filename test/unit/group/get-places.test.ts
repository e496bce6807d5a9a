import { describe, expect, test } from 'vitest'
import { findSharedPlaces, placeOf } from '../../../src/group/get-places.js'
import { hostsOf } from '../../../src/group/hosts.js'
import { Roster } from '../../../src/group/roster.js'
import { Connection } from '../../../src/index.js'

const nothing = { sshConfig: false, config: false, user: 'root' } as const

async function sharing(local: string, hosts: readonly (string | Connection)[]): Promise<readonly string[]> {
  const entries = await new Roster(hostsOf(hosts), nothing).find({})
  return [...findSharedPlaces(local, entries).keys()]
}

function behind(gateway: string): Connection {
  return new Connection('10.0.0.5', { ...nothing, gateway: new Connection(gateway, nothing) })
}

describe('the place of a member’s files', () => {
  test('has its id as one name that any file system takes', () => {
    const member = { id: 'ops@bastion:22 > root@[2001:db8::1]:22', host: '', gateway: undefined }
    expect(placeOf('logs/{id}/{host}', member)).toBe('logs/ops@bastion_22_root@_2001_db8_1_22/{host}')
  })

  test('is its own, or neither of the two may write there', async () => {
    const same = [behind('a'), behind('b')]
    const ids = ['root@a:22 > root@10.0.0.5:22', 'root@b:22 > root@10.0.0.5:22']
    expect(await sharing('{host}/', same)).toEqual(ids)
    expect(await sharing('{id}/', same)).toEqual([])
    expect(await sharing('{host}/', ['web1', 'web2', '-bad'])).toEqual([])
    expect(await sharing('here/', ['web1', 'web2'])).toHaveLength(2)
    expect(await sharing('here/', ['web1'])).toEqual([])
    expect(await sharing('out/{host}/../log', ['web1', 'web2'])).toHaveLength(2)
    expect(await sharing('out/{host}/{dirname}/../log', ['web1', 'web2'])).toHaveLength(2)
    expect(await sharing('out/../{host}/{dirname}/', ['web1', 'web2'])).toEqual([])
    expect(await sharing('{user}-{port}', ['a', 'b:23', 'ops@b:23', 'b:24'])).toEqual([])
  })
})
