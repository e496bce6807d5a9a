import { expect, test } from 'vitest'
import { Connection, Group } from '../../../src/index.js'

const nothing = { sshConfig: false, config: false, user: 'root' } as const

test('what two members would write to the same place is fetched from neither, and nothing is dialled', async () => {
  let dials = 0
  const dialer = {
    dial: () => {
      dials += 1
      return Promise.reject(new Error('the third host is down'))
    },
  }
  const behind = (name: string): Connection => {
    const gateway = new Connection(name, { ...nothing, gateway: { ...dialer, name } })
    return new Connection('10.0.0.5', { ...nothing, gateway })
  }
  const group = new Group([behind('a'), behind('b')])
  const outcomes = await group.get('/var/log/syslog').outcomes()
  expect(outcomes).toMatchObject(
    [
      ['a', 'b'],
      ['b', 'a'],
    ].map(([own, other]) => ({
      status: 'failed',
      member: { id: `${own} > root@${own}:22 > root@10.0.0.5:22` },
      error: {
        code: 'TRANSFER_FAILED',
        path: '10.0.0.5/',
        message: `10.0.0.5: 10.0.0.5/ would be written to for ${other} > root@${other}:22 > root@10.0.0.5:22, too`,
      },
    })),
  )
  expect(dials).toBe(0)
  const apart = await group.get('/var/log/syslog', '{id}/').outcomes()
  expect(apart).toMatchObject([{ error: { code: 'DIALER_FAILED' } }, { error: { code: 'DIALER_FAILED' } }])
  expect(dials).toBeGreaterThan(0)
})
