// `sallyport demo`: two routes and two refusals, on a network inside this process. Fails when anything is not as told.

import { type Connection, explainRoute, resolve, SallyportError } from '../index.js'
import type { Network } from '../testing/index.js'
import { startNetwork, throughGateway, toGateway } from './demo-network.js'
import { HopTimes } from './hop-times.js'
import { Interruption } from './interruption.js'
import { type Paint, paintFor } from './paint.js'
import { formatError, reportError } from './report-error.js'

/** What the parts of the demo share. */
interface Stage {
  readonly network: Network
  readonly times: HopTimes
  readonly signal: AbortSignal
  readonly paint: Paint
}

export async function demo(): Promise<number> {
  using interruption = new Interruption()
  try {
    await perform(interruption)
    return 0
  } catch (error) {
    if (interruption.exitCode !== undefined) return interruption.exitCode
    reportError(error, { verbosity: 0 })
    return 1
  }
}

async function perform(interruption: Interruption): Promise<void> {
  process.stdout.on('error', () => interruption.interrupt('SIGPIPE'))
  const network = await startNetwork()
  using times = new HopTimes()
  const paint = paintFor(process.stdout)
  const stage: Stage = { network, times, signal: interruption.signal, paint }
  try {
    say(
      'A network inside this process: real SSH, new keys, and internal hosts that only their gateways reach.',
    )
    await showChain(stage)
    await showCommand(stage)
    await showImpostor(stage)
    await showLoop(stage)
  } finally {
    await network.close()
  }
}

async function showChain(stage: Stage): Promise<void> {
  title(stage, '1. Through two gateways')
  const outer = toGateway(stage.network, 'directly')
  const inner = throughGateway(stage.network, 'ops@inner-gw', outer)
  const target = throughGateway(stage.network, 'ops@db.internal', inner)
  await show(stage, target, { commands: ['hostname', 'uptime'], close: [target, inner, outer] })
}

async function showCommand(stage: Stage): Promise<void> {
  title(stage, '2. Through a ProxyCommand')
  const outer = toGateway(stage.network, 'by a command')
  const target = throughGateway(stage.network, 'deploy@app.internal', outer)
  await show(stage, target, { commands: ['hostname', 'whoami'], close: [target, outer] })
}

async function showImpostor(stage: Stage): Promise<void> {
  title(stage, '3. Someone else answers in place of db.internal')
  const { network, signal } = stage
  const impostor = network.host('db.internal')
  impostor.fault({ hostKey: 'changed' })
  const outer = toGateway(network, 'directly')
  const inner = throughGateway(network, 'ops@inner-gw', outer)
  const target = throughGateway(network, 'ops@db.internal', inner)
  const before = impostor.log.length
  try {
    await refused(stage, 'HOST_KEY_CHANGED', () => target.open({ signal }))
  } finally {
    for (const connection of [target, inner, outer]) await connection.close()
  }
  const logins = impostor.log.slice(before).filter(({ event }) => event === 'authentication').length
  if (logins > 0) throw new Error('the impostor was sent a login')
  say(stage.paint('dim', '   The impostor was sent no user name, key or password.'))
}

async function showLoop(stage: Stage): Promise<void> {
  title(stage, '4. A route that comes back to itself')
  const { network, paint } = stage
  const gateway = network.host('gatewayhost')
  const before = gateway.log.length
  const proxyJump = 'ops@gatewayhost,ops@inner-gw,ops@gatewayhost'
  const options = { ...network.settings, proxyJump }
  await refused(stage, 'GATEWAY_LOOP', () => resolve('db.internal', options))
  if (gateway.log.length > before) throw new Error('the loop was noticed too late')
  say(paint('dim', '   No packet was sent.'))
}

async function show(
  { network, times, signal, paint }: Stage,
  target: Connection,
  { commands, close }: { readonly commands: readonly string[]; readonly close: readonly Connection[] },
): Promise<void> {
  try {
    indent(explainRoute(await target.resolve()).split('\n'))
    times.take()
    await target.open({ signal })
    say(paint('dim', '   times:'))
    indent(times.take())
    for (const command of commands) {
      const { stdout } = await target.run(command, { signal })
      say(`   ${paint('cyan', `${target.host}$ ${command}`)}`)
      indent(stdout.trimEnd().split('\n'))
    }
    if (network.host(target.host).connections !== 1) throw new Error('the target was reached in another way')
  } finally {
    for (const connection of close) await connection.close()
  }
}

async function refused(stage: Stage, code: string, work: () => Promise<unknown>): Promise<void> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  showError(stage, code, error)
}

function showError({ paint }: Stage, code: string, error: unknown): void {
  if (!(error instanceof SallyportError) || error.code !== code) {
    throw error ?? new Error(`what should have been refused was not: ${code}`)
  }
  const [first = '', ...rest] = formatError(error, { verbosity: 0 })
  indent([paint('red', first), ...rest])
}

function title({ paint }: Stage, text: string): void {
  say(`\n${paint('bold', text)}`)
}

function indent(lines: readonly string[]): void {
  for (const line of lines) say(`   ${line}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
