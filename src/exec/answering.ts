// Puts responders between a process and its user: what they hear is passed on as it is.

import { Answers } from './answers.js'
import { filteredProcess, type OutputFilter } from './filtered-process.js'
import type { GivenSecrets } from './given-secrets.js'
import type { Wrap } from './hold-process.js'
import type { MakeRefusal, Responder } from './responders.js'

/** `refuse` makes the error for a response that was not accepted. Without responders nothing is changed. */
export function answering(
  responders: readonly Responder[],
  how: { readonly secrets: GivenSecrets; readonly refuse: MakeRefusal },
): Wrap {
  return (process, { hop, stop }) => {
    if (responders.length === 0) return process
    const answers = new Answers(responders, { stdin: process.stdin, hop, stop, ...how })
    const tap = (): OutputFilter => {
      const listen = answers.listen()
      let pause: Promise<void> | undefined
      return {
        pass: (chunk) => {
          pause = listen(chunk)
          return chunk
        },
        pause: () => pause,
      }
    }
    return filteredProcess(process, { stdout: tap(), stderr: tap() })
  }
}
