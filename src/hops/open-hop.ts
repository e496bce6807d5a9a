// Opens one hop: a stream to it, and a handshake on that stream. Everything that is opened on the way is closed again
// if a later step fails.

import { findAgentSocket } from '../auth/agent-socket.js'
import { type AuthPlan, planAuthentication } from '../auth/plan.js'
import type { Ask } from '../config/callbacks.js'
import { reportWarning } from '../diagnostics.js'
import type { Address } from '../dialer.js'
import type { HopRef } from '../errors.js'
import { type HostKeyPlan, planHostKeys } from '../hostkeys/plan.js'
import { printable, printableLines } from '../printable.js'
import type { Hop } from '../route/route.js'
import { openChannelLink } from '../transport/channel.js'
import { openCommand } from '../transport/command.js'
import { openDialer } from '../transport/dialer.js'
import type { Link } from '../transport/link.js'
import { openProxyLink } from '../transport/proxy.js'
import { openRemoteCommand } from '../transport/remote-command.js'
import { openTcp } from '../transport/tcp.js'
import { wire } from '../wire/ssh2-wire.js'
import type { AlgorithmLists, ForwardedAgent, HandshakeFacts, Session } from '../wire/wire.js'
import { hostKeyAlgorithms, supportedAlgorithms } from './algorithms.js'
import { type PhaseClock, phaseLimits } from './phase-clock.js'

/** An open hop: its session and what carries it. */
export interface OpenedHop {
  readonly session: Session
  readonly link: Link
}

/** What opening a hop needs besides the hop itself. */
export interface OpenHopContext {
  readonly ref: HopRef
  /** The session of the hop before; undefined for the first. */
  readonly gateway: Session | undefined
  readonly clock: PhaseClock
  /** Ends the attempt; its reason is the error to fail with. */
  readonly signal: AbortSignal
}

/** Opens `hop`. Rejects with the error of the step that failed; then nothing of it is left. */
export async function openHop(hop: Hop, context: OpenHopContext): Promise<OpenedHop> {
  const { ref, clock, signal } = context
  const { settings } = hop
  const ask = settings.batchMode ? undefined : pausingAsk(settings.ask, clock)
  const lists = supportedAlgorithms(hop, (message) => reportWarning({ hop: ref, message }))
  let link: Link | undefined
  const hostKeys = await planHostKeys({
    hop: ref,
    hostName: hop.hostName,
    port: hop.port,
    settings,
    ask,
    algorithms: hostKeyAlgorithms(hop, lists),
    remoteAddress: () => link?.remoteAddress,
    signal,
  })
  const algorithms = { ...lists, hostKey: hostKeys.algorithms }
  const authentication = planAuthentication({
    hop: ref,
    settings,
    ask,
    pausedDuring: (work) => clock.pausedDuring(work),
    signal,
    keys: wire,
    secretsAllowed: () => hostKeys.secretsAllowed,
    optionalFiles: filesOfSshConfig(hop),
    env: process.env,
  })
  try {
    clock.enter(context.gateway === undefined ? 'dial' : 'channel')
    link = await openLink(hop, context)
    clock.note(link.description)
    const session = await shakeHands(hop, link, { ...context, algorithms, hostKeys, authentication })
    return { session, link }
  } catch (error) {
    if (clock.phase === 'authentication') {
      clock.learn({ credentials: authentication.credentials('unanswered') })
    }
    await link?.close()
    throw error
  } finally {
    authentication.close()
  }
}

function openLink(hop: Hop, { ref, gateway, clock, signal }: OpenHopContext): Promise<Link> {
  const { hostName, port, link, settings } = hop
  const address: Address = { host: hostName, port }
  switch (link.kind) {
    case 'tcp':
      return openTcp({
        host: hostName,
        port,
        addressFamily: settings.addressFamily,
        from: settings,
        attempts: settings.connectionAttempts,
        pausedDuring: (work) => clock.pausedDuring(work),
        keepAlive: settings.tcpKeepAlive,
        hop: ref,
        signal,
        onAddresses: (addresses, lookupMs) => clock.learn({ addresses, lookupMs }),
      })
    case 'command':
      return openCommand({ command: link.command, hop: ref, signal, phase: () => clock.phase })
    case 'dialer': {
      const { dialLimitMs } = link.dialer
      if (dialLimitMs !== undefined && settings.connectTimeoutMs === undefined) clock.allow(dialLimitMs)
      return openDialer({ dialer: link.dialer, address, hop: ref, signal })
    }
    case 'channel':
      if (gateway === undefined) throw new RangeError('a channel needs a gateway')
      return openChannelLink({ session: gateway, address, hop: ref, signal })
    case 'proxy':
      return openProxyLink({ proxies: link.proxies, address, session: gateway, hop: ref, signal })
    case 'remote-command': {
      if (gateway === undefined) throw new RangeError('a command on a gateway needs a gateway')
      const { command, text, when } = link
      const phase = () => clock.phase
      return openRemoteCommand({ session: gateway, command, text, when, address, hop: ref, signal, phase })
    }
  }
}

interface HandshakeParts extends OpenHopContext {
  readonly algorithms: AlgorithmLists
  readonly hostKeys: HostKeyPlan
  readonly authentication: AuthPlan
}

async function shakeHands(hop: Hop, link: Link, parts: HandshakeParts): Promise<Session> {
  const { ref, clock, signal, algorithms, hostKeys, authentication } = parts
  const session = await wire.handshake(link.stream, {
    hop: ref,
    user: hop.user,
    algorithms,
    requireStrictKex: hop.settings.requireStrictKex,
    verifyHostKey: async (key) => {
      const hostKey = await hostKeys.verify(key)
      clock.note(`${key.type} ${key.fingerprint}`)
      clock.learn({ hostKey })
    },
    nextAuthAttempt: (state) => authentication.next(state),
    authFailed: (state) => authentication.failed(state),
    onPhase: (phase) => {
      if (phase !== 'resolve' && phase !== 'session' && phase !== 'listen') clock.enter(phase)
    },
    onLearned: (facts) => learn(clock, facts),
    onBanner: (text) => reportWarning({ hop: ref, message: `banner: ${printableLines(text, 4096)}` }),
    forwardAgent: findForwardedAgent(hop, parts),
    channelTimeoutMs: phaseLimits(hop.settings).channel,
    signal,
  })
  clock.note(authentication.accepted() ?? 'none')
  clock.learn({ credentials: authentication.credentials('accepted') })
  warnOfWeakKex(ref, session)
  return session
}

function learn(clock: PhaseClock, facts: HandshakeFacts): void {
  const { serverVersion, algorithms } = facts
  if (serverVersion !== undefined) clock.note(printable(serverVersion))
  if (algorithms !== undefined) {
    const { kex, cipher, mac } = algorithms
    clock.note([kex, cipher, mac].filter((name) => name !== '').join(', '))
  }
  clock.learn(facts)
}

// As with ssh, `true` means the agent that is used for logging in.
function findForwardedAgent(
  { settings }: Hop,
  { ref, hostKeys }: Pick<HandshakeParts, 'ref' | 'hostKeys'>,
): ForwardedAgent | undefined {
  const { forwardAgent } = settings
  if (forwardAgent === false) return undefined
  const identityAgent = forwardAgent === true ? settings.identityAgent : forwardAgent
  const socket = findAgentSocket({ settings: { identityAgent }, env: process.env })
  if (socket !== undefined) return { socket, isAllowed: () => hostKeys.secretsAllowed }
  const why = identityAgent === 'none' ? 'identityAgent is none' : 'SSH_AUTH_SOCK is not set'
  reportWarning({ hop: ref, message: `there is no agent to forward: ${why}` })
  return undefined
}

// As with ssh, whose configuration often names for all hosts what some machines have.
function filesOfSshConfig({ origins }: Hop): ReadonlySet<string> {
  const parts = origins.identityFile.parts.filter(({ source }) => source === 'ssh_config')
  return new Set(parts.flatMap(({ entries = [] }) => entries))
}

// CVE-2023-48795 concerns ChaCha20-Poly1305, and CBC with encrypt-then-MAC.
function warnOfWeakKex(hop: HopRef, { details }: Session): void {
  const { strictKex, cipher, mac, serverVersion } = details
  const exposed = cipher.startsWith('chacha20') || (cipher.endsWith('-cbc') && mac.includes('-etm'))
  if (strictKex || !exposed) return
  reportWarning({
    hop,
    message: `${serverVersion} lacks strict key exchange with ${cipher} (CVE-2023-48795)`,
  })
}

function pausingAsk(ask: Ask | undefined, clock: PhaseClock): Ask | undefined {
  if (ask === undefined) return undefined
  return (question) => clock.pausedDuring(() => ask(question))
}
