// THE table of keywords of ssh_config(5), of all that the current OpenSSH knows. What each row says is in keyword.ts;
// what its values may be, in values/. The keywords of Kerberos that distributions patch in are among them.

import { asciiLowerCase } from '../ascii-lower-case.js'
import type { Keyword } from './keyword.js'
import { authenticationKeywords } from './keywords/authentication.js'
import { connectionKeywords } from './keywords/connection.js'
import { encryptionKeywords } from './keywords/encryption.js'
import { forwardingKeywords } from './keywords/forwarding.js'
import { hostKeyKeywords } from './keywords/host-keys.js'
import { sessionKeywords } from './keywords/session.js'
import type { Obtained } from './obtained.js'

const table = {
  ...sessionKeywords,
  ...connectionKeywords,
  ...hostKeyKeywords,
  ...authenticationKeywords,
  ...encryptionKeywords,
  ...forwardingKeywords,
}

/** The keywords as ssh_config(5) spells them. */
export type KeywordName = keyof typeof table

/** Host, Match and Include have rows, too, so that they are known; what they do is for those who read files. */
export const keywords: { readonly [K in KeywordName]: Keyword } = table

/** All names, in the order of the table. */
export const keywordNames = Object.keys(table) as readonly KeywordName[]

const namesBySpelling: ReadonlyMap<string, KeywordName> = new Map(
  keywordNames.flatMap((name) =>
    [name.toLowerCase(), ...(keywords[name].aliases ?? [])].map((spelling) => [spelling, name] as const),
  ),
)

/** The keyword that a word means, in any case; aliases are known. */
export function findKeyword(
  word: string,
): { readonly name: KeywordName; readonly keyword: Keyword } | undefined {
  const name = namesBySpelling.get(asciiLowerCase(word))
  return name && { name, keyword: keywords[name] }
}

/** How ssh treats a keyword that it knows no more: it ignores it silently, or with a warning. It is never an error. */
export type Retired = 'ignored' | 'warned of'

const retired: ReadonlyMap<string, Retired> = new Map<string, Retired>([
  ['protocol', 'ignored'],
  ['cipher', 'ignored'],
  ['fallbacktorsh', 'ignored'],
  ['globalknownhostsfile2', 'ignored'],
  ['rhostsauthentication', 'ignored'],
  ['useblacklistedkeys', 'ignored'],
  ['userknownhostsfile2', 'ignored'],
  ['useroaming', 'ignored'],
  ['usersh', 'ignored'],
  ['useprivilegedport', 'ignored'],
  ['afstokenpassing', 'warned of'],
  ['kerberosauthentication', 'warned of'],
  ['kerberostgtpassing', 'warned of'],
  ['rsaauthentication', 'warned of'],
  ['rhostsrsaauthentication', 'warned of'],
  ['compressionlevel', 'warned of'],
])

/** Whether a word, in any case, is a keyword of former versions; its words may be anything. */
export function findRetired(word: string): Retired | undefined {
  return retired.get(asciiLowerCase(word))
}

/**
 * The values of a keyword after a further one: joined as its row says, else the first wins. Returns `obtained` when
 * nothing changes; words that say nothing change nothing.
 */
export function joinObtained(
  name: KeywordName,
  obtained: readonly Obtained[],
  next: Obtained,
): readonly Obtained[] {
  if (next.words.length === 0) return obtained
  const { join } = keywords[name]
  if (join !== undefined) return join(obtained, next)
  return obtained.length === 0 ? [next] : obtained
}
