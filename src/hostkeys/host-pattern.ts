// The patterns of known_hosts: `*`, `?`, lists with commas, negation with `!`. No regular expression is made from them.

/** A list with a longer pattern matches nothing, as in OpenSSH. */
const longestPattern = 1022

/**
 * Whether the pattern matches the whole text: `*` is any number of characters, `?` exactly one.
 * Takes at most text times pattern steps, whatever the pattern (ssh_config(5) PATTERNS).
 */
export function matchesGlob(text: string, pattern: string): boolean {
  let at = 0
  let inPattern = 0
  let afterStar = -1
  let starAt = 0
  while (at < text.length) {
    const wanted = pattern[inPattern]
    if (wanted === '*') {
      inPattern += 1
      afterStar = inPattern
      starAt = at
    } else if (wanted === '?' || wanted === text[at]) {
      inPattern += 1
      at += 1
    } else if (afterStar >= 0) {
      // Let the last star take one character more; stars before it never need to be tried again.
      starAt += 1
      at = starAt
      inPattern = afterStar
    } else {
      return false
    }
  }
  while (pattern[inPattern] === '*') inPattern += 1
  return inPattern === pattern.length
}

/**
 * Whether a list of patterns matches a host: at least one plain pattern does and no negated one.
 * The patterns are lower-cased; the host is expected to be so already (sshd(8) SSH_KNOWN_HOSTS FILE FORMAT).
 */
export function matchesHostPatterns(host: string, list: string): boolean {
  let matched = false
  for (const item of list.toLowerCase().split(',')) {
    const negated = item.startsWith('!')
    if (item.length > longestPattern) return false
    if (!matchesGlob(host, negated ? item.slice(1) : item)) continue
    if (negated) return false
    matched = true
  }
  return matched
}
