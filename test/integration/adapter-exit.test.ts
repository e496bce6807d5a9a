// A program that uses a client through a connection ends by itself when its work is done: what is kept alive between
// requests does not hold it, whether or not anything was closed.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateways, startGateways } from '../support/gateways.js'
import { leakCheck } from '../support/leak-check.js'
import { optionsFor } from '../support/link-up.js'
import { startNginx, type WebServer } from '../support/nginx-server.js'
import { bundleLibrary, type StartProgram } from '../support/program.js'

leakCheck()
let web: WebServer
let gateways: Gateways
let start: StartProgram
beforeAll(async () => {
  web = await startNginx()
  gateways = await startGateways()
  start = await bundleLibrary()
})
afterAll(async () => {
  await gateways?.[Symbol.asyncDispose]()
  await web?.[Symbol.asyncDispose]()
})

const clients = {
  'an agent of Node’s own': `
    import * as http from 'node:http'
    import * as https from 'node:https'
    import { once } from 'node:events'
    import { text } from 'node:stream/consumers'
    const isSecure = given.url.startsWith('https')
    const agent = isSecure ? adapters.httpsAgent(connection, { ca: given.ca }) : adapters.httpAgent(connection)
    const request = (isSecure ? https : http).get(given.url, { agent })
    const [response] = await once(request, 'response')
    console.log(await text(response))`,
  'an undici Agent': `
    import { Agent, request } from 'undici'
    const dispatcher = new Agent({ connect: adapters.undiciConnect(connection, { tls: { ca: given.ca } }) })
    const { body } = await request(given.url, { dispatcher })
    console.log(await body.text())`,
}

const cases = Object.entries(clients).flatMap(([name, client]) =>
  (['http', 'https'] as const).map((scheme) => [name, scheme, client] as const),
)

test.each(cases)('%s that nobody closed, for %s', async (_, scheme, client) => {
  const sshd = gateways.chain.at(1)
  const body = `const connection = new Connection(given.host, given.options)\n${client}\nconsole.log('done')`
  const url = `${scheme}://${web[scheme]}/hello`
  const given = { host: sshd.host, options: optionsFor(sshd), ca: web.ca, url }
  await using program = start(body, { given })
  await program.stdout.waitFor(/^done$/)
  const doneAt = performance.now()
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - doneAt).toBeLessThan(2000)
  expect(program.stdout.lines()[0]?.text).toMatch(/^hello \d/)
  expect(program.stderr.lines()).toEqual([])
})
