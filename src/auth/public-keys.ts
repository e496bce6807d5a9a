// Which keys are offered, in the order of OpenSSH: the agent's that belong to a key file, in the order of the files;
// the agent's others, unless identitiesOnly; then the key files that the agent does not hold.

import { SallyportError } from '../errors.js'
import { fingerprintOf } from '../fingerprint.js'
import { printable } from '../printable.js'
import { sshReader } from '../wire/ssh-string.js'
import type { PublicKey, SigningKey } from '../wire/wire.js'
import { type AgentKey, listAgentKeys, listTimeoutMs, signTimeoutMs, signWithAgent } from './agent.js'
import { findAgentSocket } from './agent-socket.js'
import type { AttemptLog } from './attempt-log.js'
import type { AuthContext, Offer, Offers } from './context.js'
import { type Identity, missing, readIdentities } from './identities.js'
import { isAccepted } from './key-limits.js'
import { unlock } from './unlock.js'

/** sshd(8) ends a connection at the sixth failure, unless MaxAuthTries says otherwise. */
const maxKeysBeforeOthers = 5
const notTooMany = 'too many keys: the server might not let the other methods be tried'

/**
 * Makes the offers of `publickey`. Agent and files are read once, at the first call. `isMoreLeft` says whether another
 * method is there to be tried after the keys: then the agent's keys that no file names must leave it a try.
 */
export function publicKeyOffers(
  context: AuthContext,
  { log, isMoreLeft }: { readonly log: AttemptLog; readonly isMoreLeft: () => boolean },
): Offers {
  let gathering: Promise<readonly [readonly SigningKey[], readonly Identity[]]> | undefined
  const unlocked = new Map<string, Promise<SigningKey | undefined>>()
  const noted = new Set<string>()

  return async function* () {
    gathering ??= Promise.all([agentKeys(context, log), fileKeys(context, log)])
    const [held, identities] = await gathering
    const offered = new Set<string>()
    const ofFiles = new Set(
      identities.filter(isUsable).map(({ file, publicKey }) => publicKey?.fingerprint ?? file),
    )
    let room = Math.max(0, maxKeysBeforeOthers - ofFiles.size)
    for (const key of orderAgentKeys(held, identities, context)) {
      const { fingerprint } = key
      if (offered.has(fingerprint)) continue
      offered.add(fingerprint)
      if (!ofFiles.has(fingerprint)) {
        if (room <= 0 && isMoreLeft()) {
          if (!noted.has(fingerprint))
            log.skip({ method: 'publickey', fingerprint, source: 'agent', note: notTooMany })
          noted.add(fingerprint)
          continue
        }
        room -= 1
      }
      yield offerOf(key, 'agent')
    }
    for (const identity of identities) {
      const { file } = identity
      if (identity.publicKey !== undefined && offered.has(identity.publicKey.fingerprint)) continue
      if (identity.secret.kind === 'unusable' && !noted.has(file)) {
        noted.add(file)
        skipUnusable(identity, log)
      }
      if (!unlocked.has(file)) unlocked.set(file, openIdentity(context, identity, log))
      const key = await unlocked.get(file)
      if (key === undefined || offered.has(key.fingerprint)) continue
      offered.add(key.fingerprint)
      yield offerOf(key, file)
    }
  }
}

// With the private half in the agent, the public one is enough.
function isUsable({ publicKey, secret }: Identity): boolean {
  return publicKey !== undefined || secret.kind !== 'unusable'
}

function offerOf(key: SigningKey, source: string): Offer {
  const { fingerprint } = key
  return { attempt: { method: 'publickey', key }, id: fingerprint, fingerprint, source }
}

function orderAgentKeys(
  held: readonly SigningKey[],
  identities: readonly Identity[],
  { settings }: AuthContext,
): readonly SigningKey[] {
  const belonging = identities.flatMap(({ publicKey }) =>
    held.filter(({ fingerprint }) => fingerprint === publicKey?.fingerprint),
  )
  return settings.identitiesOnly ? belonging : [...belonging, ...held]
}

/** What the agent can sign with; empty without an agent. Notes what was passed over. */
async function agentKeys(context: AuthContext, log: AttemptLog): Promise<readonly SigningKey[]> {
  const { signal, settings } = context
  const socket = findAgentSocket(context)
  const skip = { method: 'publickey', source: 'agent' } as const
  if (socket === undefined) {
    if (settings.identityAgent?.startsWith('$')) {
      log.skip({ ...skip, note: `${settings.identityAgent} is not set` }, { code: 'AGENT_UNUSABLE' })
    }
    return []
  }
  try {
    const held = await listAgentKeys({ socket, signal, timeoutMs: listTimeoutMs })
    return held
      .flatMap((key) => agentSigningKey(key, socket, context, log))
      .filter((key) => isAccepted(key, 'agent', { settings, log }))
  } catch (error) {
    if (!(error instanceof SallyportError && error.code === 'AGENT_UNUSABLE')) throw error
    // SSH_AUTH_SOCK often outlives its agent: only an agent that was asked for decides about the error.
    const obstacle = settings.identityAgent === undefined ? undefined : error
    log.skip({ ...skip, note: error.message }, obstacle)
    return []
  }
}

/** The key files, but for those whose keys must not be used. Notes what was passed over. */
async function fileKeys(context: AuthContext, log: AttemptLog): Promise<readonly Identity[]> {
  const identities = await readIdentities(context)
  return identities.filter(
    ({ file, publicKey }) =>
      publicKey === undefined || isAccepted(publicKey, file, { settings: context.settings, log }),
  )
}

function agentSigningKey(
  { blob, comment }: AgentKey,
  socket: string,
  { keys, signal, pausedDuring }: AuthContext,
  log: AttemptLog,
): readonly SigningKey[] {
  const key = keys.parsePublicKey(blob)
  if (key === undefined) {
    log.skip({ method: 'publickey', source: 'agent', fingerprint: fingerprintOf(blob), note: whyNot(blob) })
    return []
  }
  const sign = (data: Buffer, algorithm: string): Promise<Buffer> =>
    pausedDuring(() => signWithAgent({ blob, data, algorithm }, { socket, signal, timeoutMs: signTimeoutMs }))
  return [{ ...key, comment, sign }]
}

function whyNot(blob: Buffer): string {
  const type = typeOf(blob)
  if (type === undefined) return 'the agent described a key that is damaged'
  if (type.startsWith('sk-')) return 'security keys (FIDO) are not supported'
  if (/-cert-v\d+@/.test(type)) return 'certificates are not supported'
  return `keys of type ${printable(type, 60)} are not supported`
}

function typeOf(blob: Buffer): string | undefined {
  try {
    return sshReader(blob).string().toString('latin1')
  } catch {
    return undefined
  }
}

function skipUnusable({ file, publicKey, secret, mayBeMissing }: Identity, log: AttemptLog): void {
  if (secret.kind !== 'unusable') return
  const { note, hint } = secret
  log.skip(
    { method: 'publickey', source: file, fingerprint: publicKey?.fingerprint, note },
    mayBeMissing && note === missing ? undefined : { code: 'IDENTITY_UNUSABLE', hint },
  )
}

/**
 * The key of a file, to be offered. With the public half known, an encrypted file is decrypted only when the server
 * accepts the key; else now. `undefined`, with a note, when it cannot be used.
 */
async function openIdentity(
  context: AuthContext,
  { file, publicKey, secret }: Identity,
  log: AttemptLog,
): Promise<SigningKey | undefined> {
  if (secret.kind === 'open') return secret.key
  if (secret.kind === 'unusable') return undefined
  const encrypted = { file, text: secret.text }
  if (publicKey !== undefined) return lockedKey(publicKey, () => unlock(context, encrypted))
  try {
    const key = await unlock(context, encrypted)
    return isAccepted(key, file, { settings: context.settings, log }) ? key : undefined
  } catch (error) {
    const isAboutThisFile =
      error instanceof SallyportError && ['PASSPHRASE_NEEDED', 'IDENTITY_UNUSABLE'].includes(error.code)
    if (!isAboutThisFile) throw error
    log.skip({ method: 'publickey', source: file, note: error.message }, error)
    return undefined
  }
}

function lockedKey(publicKey: PublicKey, open: () => Promise<SigningKey>): SigningKey {
  let opening: Promise<SigningKey> | undefined
  return {
    ...publicKey,
    sign: async (data, algorithm) => {
      opening ??= open()
      const key = await opening
      if (key.fingerprint === publicKey.fingerprint) return key.sign(data, algorithm)
      const what = 'the .pub file beside it belongs to another key'
      throw new SallyportError('IDENTITY_UNUSABLE', what, { phase: 'authentication' })
    },
  }
}
