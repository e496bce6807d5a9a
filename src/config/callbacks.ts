// The functions that a caller may give as settings, and what they are told. Each is told which hop asks.

import type { HopRef, KeyRef, KnownKeyRef } from '../errors.js'

/** A secret, or a function that is asked for it once it is needed. `undefined` means: there is none for this hop. */
export type Secret = string | ((hop: HopRef) => string | undefined | Promise<string | undefined>)

/** The passphrase for key files; the function is told which file. */
export type Passphrase =
  | string
  | ((request: {
      readonly hop: HopRef
      readonly file: string
    }) => string | undefined | Promise<string | undefined>)

/** Answers one round of keyboard-interactive questions (RFC 4256), in their order; `undefined` declines. */
export type KeyboardInteractive = (
  round: KeyboardInteractiveRound,
) => readonly string[] | undefined | Promise<readonly string[] | undefined>

export interface KeyboardInteractiveRound {
  readonly hop: HopRef
  /** Texts from the server, one line each, escapes made visible. */
  readonly name: string
  readonly instructions: string
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[]
}

/** What a callback is told about an offered host key. */
export interface HostKeyOffer {
  readonly hop: HopRef
  /** The name that known_hosts was asked for: the host, `[host]:port`, or the HostKeyAlias. */
  readonly lookupName: string
  readonly key: KeyRef
  /** The public key in base64, as known_hosts has it. */
  readonly base64: string
  /** What known_hosts says; a revoked key is refused before anyone is asked. */
  readonly status: 'known' | 'unknown' | 'changed'
  readonly known: readonly KnownKeyRef[]
}

/** Decides about a host key. Only the exact words accept; anything else, and a throw, refuses. */
export type VerifyHostKey = (
  offer: HostKeyOffer,
) => 'accept' | 'accept and record' | 'refuse' | Promise<'accept' | 'accept and record' | 'refuse'>

/** A question to a person. `text` is ready to be shown: it names the hop and has no escapes. */
export interface Question {
  readonly kind: 'password' | 'passphrase' | 'keyboard-interactive' | 'host-key'
  readonly hop: HopRef
  readonly text: string
  /** Whether the answer may be seen while it is typed. */
  readonly echo: boolean
  /** Aborted when the answer is no longer wanted. */
  readonly signal: AbortSignal
}

/** Asks a person; `undefined` means that the person declined. The phase clocks stand still meanwhile. */
export type Ask = (question: Question) => Promise<string | undefined>
