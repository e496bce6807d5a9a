// What a hop's phases told -> what `check` shows of them: the look-up of the name apart from the connecting, and the key
// exchange, which the check of the host key interrupts, as one.

import type {
  AcceptedHostKey,
  HopLink,
  NegotiatedAlgorithms,
  OfferedCredential,
  PhaseEvent,
} from '../index.js'

/** One phase of a hop, ready to be shown or printed as JSON. */
export type CheckedPhase = {
  /** Milliseconds, without the time in which a person was asked. */
  readonly durationMs: number
  readonly outcome: 'ok' | 'failed'
} & PhaseFindings

type PhaseFindings =
  | { readonly phase: 'name-resolution'; readonly addresses: readonly string[] }
  /** How bytes reach the hop; `to` is the address, or the process. */
  | {
      readonly phase: 'connect' | 'command' | 'dialer' | 'channel' | 'proxy' | 'remote-command'
      readonly to: string | undefined
    }
  | { readonly phase: 'version'; readonly serverVersion: string | undefined }
  | { readonly phase: 'key-exchange'; readonly algorithms: NegotiatedAlgorithms | undefined }
  | { readonly phase: 'host-key'; readonly hostKey: AcceptedHostKey | undefined }
  | { readonly phase: 'authentication'; readonly credentials: readonly OfferedCredential[] }

/** The phases of one hop that is reached by `link`, in the order in which they began. */
export function checkedPhases(link: HopLink['kind'], events: readonly PhaseEvent[]): readonly CheckedPhase[] {
  const exchanges = events.filter(({ phase }) => phase === 'key-exchange')
  return events.flatMap((event) => {
    if (event.phase === 'dial' && link === 'tcp') return lookUpAndConnect(event)
    if (event.phase !== 'key-exchange') return [single(link, event)]
    return event === exchanges[0] ? [wholeExchange(event, exchanges.at(-1) ?? event)] : []
  })
}

function lookUpAndConnect(event: PhaseEvent): readonly CheckedPhase[] {
  const { durationMs, learned, detail: to } = event
  const { addresses, lookupMs = durationMs } = learned
  if (addresses === undefined || addresses.length === 0) {
    return [{ phase: 'name-resolution', durationMs, outcome: outcomeOf(event), addresses: [] }]
  }
  return [
    { phase: 'name-resolution', durationMs: lookupMs, outcome: 'ok', addresses },
    { phase: 'connect', durationMs: durationMs - lookupMs, outcome: outcomeOf(event), to },
  ]
}

function wholeExchange(first: PhaseEvent, last: PhaseEvent): CheckedPhase {
  const durationMs = first.durationMs + (last === first ? 0 : last.durationMs)
  return {
    phase: 'key-exchange',
    durationMs,
    outcome: outcomeOf(last),
    algorithms: last.learned.algorithms,
  }
}

function single(link: HopLink['kind'], event: PhaseEvent): CheckedPhase {
  const { phase, durationMs, learned, detail } = event
  const timed = { durationMs, outcome: outcomeOf(event) }
  switch (phase) {
    case 'version':
      return { phase, ...timed, serverVersion: learned.serverVersion }
    case 'host-key':
      return { phase, ...timed, hostKey: learned.hostKey }
    case 'authentication':
      return { phase, ...timed, credentials: learned.credentials ?? [] }
    default:
      return { phase: link === 'tcp' ? 'connect' : link, ...timed, to: detail }
  }
}

function outcomeOf({ error }: PhaseEvent): 'ok' | 'failed' {
  return error === undefined ? 'ok' : 'failed'
}
