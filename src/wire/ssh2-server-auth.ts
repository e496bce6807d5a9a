// What a client of ssh2's server offers to log in with, in the words of the seam. Verifies signatures; decides nothing.

import ssh2, {
  type AuthContext,
  type AuthenticationType,
  type KeyboardAuthContext,
  type PublicKeyAuthContext,
} from 'ssh2'
import { fingerprintOf } from '../fingerprint.js'
import type { AuthOffer, AuthVerdict } from './server.js'
import type { PromptRound } from './wire.js'

/** The offer, or undefined when it cannot be good: a key of an unknown type, or a signature that does not hold. */
export function findOffer(context: AuthContext): AuthOffer | undefined {
  const user = context.username
  switch (context.method) {
    case 'password':
      return { user, method: 'password', password: context.password }
    case 'publickey':
      return findKeyOffer(context)
    case 'keyboard-interactive':
      return { user, method: 'keyboard-interactive', ask: (round) => askRound(context, round) }
    default:
      return { user, method: context.method }
  }
}

/** Answers the client. */
export function answerOffer(
  context: AuthContext,
  verdict: Exclude<AuthVerdict, { outcome: 'disconnect' }>,
): void {
  if (verdict.outcome === 'accepted') context.accept()
  else context.reject([...verdict.methods] as AuthenticationType[], verdict.outcome === 'partial success')
}

function findKeyOffer(context: PublicKeyAuthContext): AuthOffer | undefined {
  const blob = context.key.data
  if (blob.length < 4) return undefined
  const base64 = blob.toString('base64')
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  const key = ssh2.utils.parseKey(`${type} ${base64}`)
  if (key instanceof Error) return undefined
  const { signature, blob: signedData } = context
  const signed = signature !== undefined && signedData !== undefined
  if (signed && key.verify(signedData, signature, context.hashAlgo) !== true) return undefined
  const described = { type, fingerprint: fingerprintOf(blob), base64 }
  return { user: context.username, method: 'publickey', key: described, signed }
}

function askRound(context: KeyboardAuthContext, round: PromptRound): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const prompts = round.prompts.map(({ text, echo }) => ({ prompt: text, echo }))
    context.prompt(prompts, round.name, round.instructions, (answers: readonly string[] | Error) => {
      if (answers instanceof Error) reject(answers)
      else resolve(answers)
    })
  })
}
