import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ConfigError, readHosts } from '../../../src/index.js'

describe('the hosts of a text', () => {
  test('stand one on a line, with comments, blanks and empty lines', async () => {
    const text =
      '\ufeff# ours\r\nweb1\r\n  ops@web2:2200  # the other one\n\n\t\n[2001:db8::1]:22\nssh://web3'
    expect(await readHosts(text)).toEqual(['web1', 'ops@web2:2200', '[2001:db8::1]:22', 'ssh://web3'])
    expect(await readHosts('')).toEqual([])
    expect(await readHosts('a#b@web1')).toEqual(['a#b@web1'])
  })

  test('may come in pieces of any size', async () => {
    const bytes = Buffer.from('wéb1\nweb2\n')
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await readHosts(Readable.from(pieces))).toEqual(['wéb1', 'web2'])
    expect(await readHosts(Readable.from(['we', 'b1\n']))).toEqual(['web1'])
  })

  test('are all checked: what is wrong is told with its file and line', async () => {
    const text = 'web1\n-oProxyCommand=id\nweb2\n$(id)\nx\u0007y\n'
    const error = await readHosts(text, { name: 'hosts.txt' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', origin: 'hosts.txt:2' })
    const { message, problems } = error as ConfigError
    expect(message).toMatch(/^hosts\.txt:2: .*dash/)
    expect(problems.map(({ origin }) => origin)).toEqual(['hosts.txt:2', 'hosts.txt:4', 'hosts.txt:5'])
    expect(JSON.stringify(problems)).not.toContain('\u0007')
  })

  test.each([
    ['other bytes than UTF-8', Readable.from([Uint8Array.of(0xff)]), 'is not UTF-8'],
    ['half a character', Readable.from([Uint8Array.of(0xc3)]), 'is not UTF-8'],
    ['too much', Readable.from(Array(18).fill('#'.repeat(1024 * 1024))), 'has more than 16777216 bytes'],
  ])('are not %s', async (_, stream, message) => {
    const reading = readHosts(stream, { name: 'standard input' })
    await expect(reading).rejects.toMatchObject({
      code: 'CONFIG_UNUSABLE',
      message: `standard input: ${message}`,
    })
    expect(stream.destroyed).toBe(true)
  })
})

test('a stream that does not end is left when the signal is aborted, and destroyed', async () => {
  const stream = new PassThrough()
  const controller = new AbortController()
  const reading = readHosts(stream, { signal: controller.signal })
  controller.abort()
  await expect(reading).rejects.toMatchObject({ code: 'ABORT_ERR' })
  expect(stream.destroyed).toBe(true)
})

test('a stream that fails is its own error', async () => {
  const problem = new Error('the disk is gone')
  const stream = new Readable({ read: () => void stream.destroy(problem) })
  await expect(readHosts(stream)).rejects.toBe(problem)
})

test('other things are no sources, and there are no other options', async () => {
  await expect(readHosts(5 as never)).rejects.toThrow(TypeError)
  await expect(readHosts(['web1'] as never)).rejects.toThrow(TypeError)
  await expect(readHosts('', { file: 'x' } as never)).rejects.toThrow('there is no option "file"')
})
