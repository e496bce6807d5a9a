// Programs with a local forward: what keeps them alive, and what a program without rights is told.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startForwardingChain } from '../support/acquire-through.js'
import type { Chain } from '../support/chain.js'
import { leakCheck } from '../support/leak-check.js'
import { optionsFor } from '../support/link-up.js'
import { ask, type Service, startService } from '../support/peers.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'

let chain: Chain
let echo: Service
let start: StartProgram
beforeAll(async () => {
  chain = await startForwardingChain(1)
  echo = await startService((socket) => void socket.pipe(socket))
  start = await bundleLibrary()
})
afterAll(async () => {
  await echo[Symbol.asyncDispose]()
  await chain[Symbol.asyncDispose]()
})

const given = () => ({ host: chain.at(0).host, options: optionsFor(chain.at(0)), to: echo.address })

describe('a program with a local forward', () => {
  leakCheck()

  test('lives as long as the forward, and ends by itself when that is closed', async () => {
    await using program = start(
      `const host = new Connection(given.host, given.options)
       const forward = await host.forwardLocal({ to: given.to })
       forward.on('connectionClosed', () => forward.close())
       forward.on('close', () => console.log('closed ' + JSON.stringify(forward.counts)))
       console.log('port ' + forward.address.port)`,
      { given: given() },
    )
    const [, port] = await program.stdout.waitFor(/^port (\d+)$/)
    expect((await ask({ host: '::1', port: Number(port) }, 'hello')).bytes.toString()).toBe('hello')
    expect(await program.ended).toEqual({ code: 0, signal: null })
    expect(program.stdout.lines().at(-1)?.text).toBe(
      'closed {"open":0,"accepted":1,"refused":0,"bytesSent":5,"bytesReceived":5}',
    )
  })

  test('is told of ports that are for root, and goes on', async () => {
    const without = ['setpriv', '--inh-caps=-net_bind_service', '--bounding-set=-net_bind_service']
    await using program = start(
      `const host = new Connection(given.host, given.options)
       const error = await host.forwardLocal({ listen: { port: 443 }, to: given.to }).catch((error) => error)
       console.log([error.code, error.cause.code, error.hint].join('|'))
       await host.close()`,
      { given: given(), under: process.getuid?.() === 0 ? without : [] },
    )
    expect(await program.ended).toEqual({ code: 0, signal: null })
    expect(program.stdout.lines().map(({ text }) => text)).toEqual([
      'LISTEN_FAILED|EACCES|ports below 1024 are for root; choose another one',
    ])
  })
})
