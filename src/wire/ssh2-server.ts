// Serves SSH on an open stream with ssh2's Server, putting every question of the client to handlers.
// The only place that imports ssh2's Server. The stream belongs to the caller, who destroys it.

import type { Duplex } from 'node:stream'
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2'
import type { Address } from '../dialer.js'
import type {
  ChannelRefusal,
  ServedConnection,
  ServeOptions,
  ServerChannelKind,
  ServerHandlers,
  SessionHandlers,
} from './server.js'
import { answerOffer, findOffer } from './ssh2-server-auth.js'
import { ServedStream, serveProcess } from './ssh2-server-channel.js'
import type { PtyRequest } from './wire.js'

/** The parts of ssh2's server connection that it does not show, as of 1.17. */
interface Internals {
  readonly _protocol: {
    channelOpenFail(recipient: number, reason: number, text: string): void
    openssh_authAgent(channel: number, window: number, packetSize: number): void
    channelClose(recipient: number): void
    disconnect(reason: number): void
  }
  readonly _chanMgr: { add(opened: (error: OpenError | undefined, channel: ServerChannel) => void): number }
}

interface SessionInternals {
  readonly _chanInfo: { readonly outgoing: { readonly id: number } }
}

type OpenError = Error & { readonly reason?: unknown }

// sshd's ClientAliveInterval is off by default; ssh2's cannot be switched off, only be made long.
const never = 2 ** 31 - 1
// RFC 4253 11.1, SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
const noMoreAuthMethods = 14

/** Speaks SSH as a server on `stream`, from the version line to the stream's end. Never throws for what clients do. */
export function serveConnection(stream: Duplex, options: ServeOptions): ServedConnection {
  const server = new ssh2.Server({
    hostKeys: [options.hostKey],
    ident: options.software,
    // ssh2 adds a line end of its own.
    ...(options.banner === undefined ? {} : { banner: options.banner.replace(/\r?\n$/, '') }),
    keepaliveInterval: never,
  })
  server.on('error', () => {})
  let client: (Connection & Internals) | undefined
  server.on('connection', (connected) => {
    client = connected as Connection & Internals
    serveClient(client, stream, options.handlers)
  })
  // Typed for sockets; anything that reads, writes and ends will do.
  server.injectSocket(stream as Parameters<typeof server.injectSocket>[0])
  return {
    openChannel(kind) {
      if (client === undefined) return Promise.reject(new Error('the client has not said its version yet'))
      return openChannel(client, kind)
    },
  }
}

function serveClient(client: Connection & Internals, stream: Duplex, handlers: ServerHandlers): void {
  const closings = new Set<() => void>()
  const closeAll = (): void => {
    for (const close of closings) close()
  }
  // After an error, which is always the last one, ssh2 throws from every write.
  client.on('error', closeAll).on('end', closeAll).on('close', closeAll)
  authenticate(client, stream, handlers)
  client.on('session', (accept, reject) => {
    const verdict = handlers.openSession()
    if (verdict === 'ignore') return
    if (typeof verdict === 'object' && 'refuse' in verdict) {
      refuse(client, verdict.refuse, reject)
      return
    }
    const session = accept() as Session & SessionInternals
    if (verdict === 'open and close') client._protocol.channelClose(session._chanInfo.outgoing.id)
    else serveSession(session, verdict.open, closings)
  })
  const openStream = (address: Address, accept: () => ServerChannel, reject: () => void): void => {
    const verdict = handlers.openStream(address)
    if (verdict === 'ignore') return
    if (typeof verdict === 'object' && 'refuse' in verdict) {
      refuse(client, verdict.refuse, reject)
      return
    }
    const channel = new ServedStream(accept())
    const close = (): void => void channel.destroy()
    closings.add(close)
    channel.once('close', () => closings.delete(close))
    if (verdict === 'open and close') channel.destroy()
    else verdict.open(channel)
  }
  client.on('tcpip', (accept, reject, { destIP, destPort }) =>
    openStream({ host: destIP, port: destPort }, accept, reject),
  )
  client.on('openssh.streamlocal', (accept, reject, { socketPath }) =>
    openStream({ path: socketPath }, accept, reject),
  )
}

function authenticate(client: Connection & Internals, stream: Duplex, handlers: ServerHandlers): void {
  let user = ''
  let methods: readonly string[] = []
  const answer = async (context: AuthContext): Promise<void> => {
    user = context.username
    const offer = findOffer(context)
    const verdict =
      offer === undefined ? ({ outcome: 'refused', methods } as const) : await handlers.authenticate(offer)
    // ssh2 1.17 would take a client that is gone for logged in, and start a timer that nobody stops.
    if (stream.destroyed) return
    if (verdict.outcome === 'disconnect') {
      client._protocol.disconnect(noMoreAuthMethods)
      client.end()
      return
    }
    if (verdict.outcome !== 'accepted') methods = verdict.methods
    answerOffer(context, verdict)
  }
  // What ssh2 throws here is about a client that broke the protocol, or went away.
  client.on('authentication', (context) => void answer(context).catch(() => stream.destroy()))
  client.on('ready', () => handlers.authenticated(user))
}

/** ssh2 gives no way to choose the reason and the text of a refusal, so they are put in on their way out. */
function refuse(client: Internals, refusal: ChannelRefusal, reject: () => void): void {
  const protocol = client._protocol
  const original = protocol.channelOpenFail
  protocol.channelOpenFail = (recipient) => original.call(protocol, recipient, refusal.reason, refusal.text)
  try {
    reject()
  } finally {
    protocol.channelOpenFail = original
  }
}

function serveSession(session: Session, handlers: SessionHandlers, closings: Set<() => void>): void {
  const closed = new AbortController()
  const close = (): void => {
    closings.delete(close)
    closed.abort()
  }
  closings.add(close)
  session.on('close', close)
  // ssh2 refuses every request after the client's EOF, signals too, by this mark.
  session.on('eof', () => Object.assign(session, { _ending: false }))

  const env: Record<string, string> = Object.create(null)
  let pty: PtyRequest | undefined
  session.on('env', (accept: Answer, _reject: Answer, info: { key: string; val: string }) => {
    env[info.key] = info.val
    accept?.()
  })
  session.on(
    'pty',
    (accept: Answer, _reject: Answer, info: { term?: string; cols: number; rows: number }) => {
      pty = { term: info.term ?? '', columns: info.cols, rows: info.rows }
      accept?.()
    },
  )
  session.on('window-change', (_accept: Answer, _reject: Answer, info: { cols: number; rows: number }) => {
    handlers.resize(info.cols, info.rows)
  })
  session.on('signal', (accept: Answer, _reject: Answer, info: { name: string }) => {
    accept?.()
    handlers.signal(info.name)
  })
  session.on('auth-agent', (accept: Answer) => {
    accept?.()
    handlers.forwardAgent()
  })
  const start = (
    asked: { readonly command?: string; readonly subsystem?: string },
    accept: () => ServerChannel,
    reject: Answer,
  ): void => {
    const verdict = handlers.start({ command: asked.command, subsystem: asked.subsystem, env, pty })
    if (verdict === 'refuse') reject?.()
    else if (verdict !== 'ignore') verdict(serveProcess(accept(), closed))
  }
  session.on('exec', (accept, reject, { command }) => start({ command }, accept, reject))
  session.on('shell', (accept, reject) => start({}, accept, reject))
  // As long as nobody listens for 'sftp', ssh2 gives that subsystem as plain a channel as any other.
  session.on('subsystem', (accept: () => ServerChannel, reject: Answer, { name }: { name: string }) =>
    start({ subsystem: name }, accept, reject),
  )
}

type Answer = (() => void) | undefined

function openChannel(
  client: Connection & Internals,
  kind: ServerChannelKind,
): Promise<Duplex | ChannelRefusal> {
  return new Promise((resolve, reject) => {
    const opened = (error: OpenError | undefined, channel: ServerChannel): void => {
      if (error === undefined) resolve(new ServedStream(channel))
      else if (typeof error.reason === 'number') resolve({ reason: error.reason, text: error.message })
      else reject(error)
    }
    if (kind === 'x11') client.x11('127.0.0.1', 6010, opened)
    else if (kind === 'forwarded-tcpip') client.forwardOut('127.0.0.1', 8080, '127.0.0.1', 50_000, opened)
    else client._protocol.openssh_authAgent(client._chanMgr.add(opened), 2 ** 21, 2 ** 15)
  })
}
