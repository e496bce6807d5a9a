// An answer as `ssh -G` sees it: what was obtained, or ssh's defaults, with tokens where ssh has expanded them.

import { asciiLowerCase } from '../../ascii-lower-case.js'
import type { Env } from '../../home-path.js'
import type { SshConfigAnswer } from '../answer.js'
import type { KeywordName } from '../keywords.js'
import type { Obtained } from '../obtained.js'
import { type LocalAccount, localAccount } from '../tokens/local-account.js'
import { tokenValues } from '../tokens/token-values.js'
import { expandTokens } from '../tokens/tokens.js'
import { sshDefaults } from './defaults.js'

/** What printing needs beside the answer. */
export interface PrintContext {
  /** Who runs this, and where. Default: as the system says. */
  readonly local?: LocalAccount | undefined
  /** Default: this process's own. */
  readonly env?: Env | undefined
  /** The command that is going to run. It has an influence on UpdateHostKeys. */
  readonly command?: string | undefined
}

/** The answer with questions that several lines have. */
export interface View {
  readonly answer: SshConfigAnswer
  readonly local: LocalAccount
  /** The command that is going to run. */
  readonly command: string | undefined
  all(name: KeywordName): readonly Obtained[]
  /** The words of the first value, or the default, as one text; undefined where there is neither. */
  find(name: KeywordName): string | undefined
  /** As {@link find}, but `none` is undefined, too. */
  findUnlessNone(name: KeywordName): string | undefined
  /** The text of a value of `name` with its tokens expanded. Throws ConfigError. */
  expand(name: KeywordName, text: string, origin: string): string
}

export function viewOf(answer: SshConfigAnswer, context: PrintContext): View {
  const { env = process.env, local = localAccount(env), command } = context
  const all = (name: KeywordName) => answer.values.get(name) ?? []
  const find = (name: KeywordName) => all(name)[0]?.words.join(' ') ?? sshDefaults[name]
  const alias = find('HostKeyAlias')
  const values = tokenValues({
    host: answer.host,
    hostName: answer.hostName,
    port: Number(find('Port')),
    user: find('User') ?? local.user ?? '',
    hostKeyAlias: alias === undefined ? undefined : asciiLowerCase(alias),
    local,
  })
  return {
    answer,
    local,
    command,
    all,
    find,
    findUnlessNone(name) {
      const text = find(name)
      return text?.toLowerCase() === 'none' ? undefined : text
    },
    expand: (keyword, text, origin) => expandTokens(text, { keyword, origin, values, env, homes: local }),
  }
}
