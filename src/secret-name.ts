// Which names speak of a secret: of variables, of options of a command, of lines of a header. A name that only tells of
// a secret's place or kind (`SSH_AUTH_SOCK`, `--token-file`, `HostKeyAlias`) does not. What they stand in: secret-text.ts.

/** Whether a variable, a parameter or a header line of this name has a value that nobody should see: `API_TOKEN`. */
export function isSecretName(name: string): boolean {
  return speaksOf(/pass|pwd|secret|token|key|auth|cred/, name)
}

/** The same of an option, dashes included. A `--key` is a file for most programs, and `-p` a port. */
export function isSecretOption(option: string): boolean {
  const [, name = ''] = /^--?([a-z][\w.-]+)$/i.exec(option) ?? []
  if (/^(?:no|without|skip|disable)-/i.test(name)) return false
  const suspect = /pass|pwd|secret|token|auth|cred|(?:api|access|account|session|shared)[-_.]?key/
  // Letters may stand together with their value: -oPasswordAuthentication=no.
  return speaksOf(suspect, name.replace(/^o(?=[A-Z])/, ''))
}

/** Whether `name:` stands before a secret in the same word, as `pass:` and `api-key:` do; a host named `auth` does not. */
export function isSecretLabel(name: string): boolean {
  return /^(?:pass|password|passwd|passphrase|pwd|secret|token|api[-_]?key|(?:proxy-)?authorization)$/i.test(
    name,
  )
}

function speaksOf(suspect: RegExp, name: string): boolean {
  const word = name.toLowerCase()
  if (harmlessNames.has(word) || ofPlaceOrKind.test(word)) return false
  return suspect.test(word.replace(harmlessParts, ' ')) || /(?:^|[-_.])pw$/.test(word)
}

/** Keywords of ssh_config(5), none of which has a secret, and the working directory. */
const harmlessNames: ReadonlySet<string> = new Set([
  'addkeystoagent',
  'enablesshkeysign',
  'forwardx11trusted',
  'gssapidelegatecredentials',
  'gssapikeyexchange',
  'gssapirenewalforcesrekey',
  'hostkey',
  'proxyusefdpass',
  'rekeylimit',
  'updatehostkeys',
  'verifyhostkeydns',
  'oldpwd',
  'pwd',
])

const ofPlaceOrKind =
  /(?:files?|path|dir|directory|sock|socket|fd|stdin|types?|methods?|mode|alias|algorithms|prompts?|location|command|provider|authentications?|user|username|format|timeout(?:ms)?|ttl|lifetime|length|size)$/

const harmlessParts =
  /askpass|authentications?|authority|authors?(?!i)|authorized|bypass|compass|credits?|hostkeys?|hotkey|keyboard|keymap|keyring|keyserver|keystroke|keywords?|knownhosts|monkey|passenger|passive|passthrough|pub(?:lic)?[-_.]?keys?|tokenizers?|turkey|xauth/g
