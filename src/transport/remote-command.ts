// A command that a gateway runs as the way to the hop behind it: for hosts that the gateway reaches but does not forward
// to. The SSH session of the hop goes through the command as it goes through a channel.

import { abortError } from '../aborted.js'
import { reportWarning } from '../diagnostics.js'
import { type Address, formatAddress } from '../dialer.js'
import { type HopRef, type Phase, ProxyCommandError, SallyportError } from '../errors.js'
import { printable } from '../printable.js'
import type { RemoteCommandWhen } from '../route/proxy-command.js'
import { withoutSecrets } from '../secret-text.js'
import type { Session } from '../wire/wire.js'
import { openChannelLink } from './channel.js'
import type { CommandEnd } from './command-stream.js'
import type { Link } from './link.js'
import { RemoteCommandStream } from './remote-command-stream.js'

export interface RemoteCommandRequest {
  /** The session of the gateway. It is borrowed. */
  readonly session: Session
  /** Ready for the shell there. */
  readonly command: string
  /** What it was before its tokens were expanded, for people. */
  readonly text: string
  readonly when: RemoteCommandWhen
  readonly address: Address
  /** The hop that is to be reached. */
  readonly hop: HopRef
  readonly signal: AbortSignal
  /** What the hop is doing when the command ends. */
  readonly phase: () => Phase
}

/**
 * Opens the link: by the command, or by a channel where only a refusal to forward is to be got round. The description says
 * which it was, and so does a warning for a command in place of a channel. A command that ends by itself, at whatever
 * time, destroys the stream with {@link ProxyCommandError}. It gets no variables, no terminal and no agent.
 */
export async function openRemoteCommand(request: RemoteCommandRequest): Promise<Link> {
  const { session, address, hop, signal, when, text } = request
  if (signal.aborted) throw abortError(signal.reason, { hop, phase: 'channel' })
  if (when === 'always') return runCommand(request)
  try {
    return await openChannelLink({ session, address, hop, signal })
  } catch (error) {
    if (!(error instanceof SallyportError) || error.code !== 'FORWARD_PROHIBITED') throw error
  }
  const instead = `the command ${printable(withoutSecrets(text), 120)} is run on it instead`
  const message = `${hop.via ?? 'the gateway'} does not forward to ${formatAddress(address)}; ${instead}`
  reportWarning({ hop, message })
  return runCommand(request)
}

async function runCommand(request: RemoteCommandRequest): Promise<Link> {
  const { session, command, hop, signal, phase } = request
  const process = await session.start({ command, env: {}, pty: undefined, forwardsAgent: false }, signal)
  const stream = new RemoteCommandStream(process, (end) => endedByItself({ hop, phase }, end))
  return {
    stream,
    description: `a command on ${hop.via ?? 'the gateway'}`,
    // The link at the bottom decides whether the process stays alive.
    ref: () => {},
    unref: () => {},
    close: () => stream.close(),
  }
}

function endedByItself(
  { hop, phase }: Pick<RemoteCommandRequest, 'hop' | 'phase'>,
  end: CommandEnd,
): ProxyCommandError {
  const { exitCode, signal, stderrTail } = end
  const lastLine = stderrTail.trimEnd().split('\n').at(-1) ?? ''
  const how =
    signal !== null
      ? `was ended by ${signal}`
      : exitCode !== null
        ? `exited with status ${exitCode}`
        : 'closed the stream without a status'
  const said = lastLine === '' ? '' : `: ${printable(lastLine)}`
  const hint =
    exitCode === 126 || exitCode === 127
      ? 'check that the command is installed on the gateway, executable and in the PATH there'
      : undefined
  const what = `the command on ${hop.via ?? 'the gateway'} ${how}${said}`
  return new ProxyCommandError(what, { hop, phase: phase(), hint }, end)
}
