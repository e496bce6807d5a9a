// What is asked of the server for a command, by the terms of the hop: ssh_config(5) RemoteCommand and RequestTTY.

import { ConfigError } from '../errors.js'
import type { SessionTerms } from '../hops/lease.js'
import type { StartRequest } from '../wire/wire.js'
import { makePtyRequest, type PtyOption } from './terminal-request.js'

/** Makes the request for a command, once the terms of the hop are known. Throws where a command cannot be run at all. */
export type MakeRequest = (terms: SessionTerms) => StartRequest

/** The request for a command. A `pty` that was given beats the terms; one that cannot be throws TypeError at once. */
export function commandRequest(command: string, pty: PtyOption | undefined): MakeRequest {
  const given = makePtyRequest(pty)
  return (terms) => {
    checkCommandAllowed(terms)
    const isForced = pty === undefined && terms.requestTty === 'force'
    return { command, env: terms.env, pty: isForced ? makePtyRequest(true) : given }
  }
}

/** Throws {@link ConfigError} INVALID_OPTION where the hop has a command of its own: ssh refuses a second one, too. */
export function checkCommandAllowed(terms: SessionTerms): void {
  checkSessionAllowed(terms)
  const { remoteCommand } = terms
  if (remoteCommand === undefined) return
  throw new ConfigError(
    'INVALID_OPTION',
    'the host has a remoteCommand, so that no other command can be run',
    {
      origin: 'remoteCommand',
      hint: "give the connection remoteCommand: 'none'",
    },
  )
}

/** Throws {@link ConfigError} UNSUPPORTED_OPTION where ssh would start neither a command nor a shell. */
export function checkSessionAllowed({ sessionType }: SessionTerms): void {
  if (sessionType === 'default') return
  const instead = sessionType === 'none' ? 'nothing' : 'a subsystem'
  const what = `the host has sessionType ${sessionType}: ssh would run ${instead} in place of a command or a shell`
  throw new ConfigError('UNSUPPORTED_OPTION', what, {
    origin: 'sessionType',
    hint: "give the connection sessionType: 'default', or -o SessionType=default",
  })
}
