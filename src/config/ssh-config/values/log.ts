// What ssh calls the levels, facilities and digests: LogLevel, SyslogFacility, FingerprintHash.

import { printable } from '../../../printable.js'
import { Unacceptable } from '../keyword.js'
import type { WordReader } from './arity.js'

const levels = ['SILENT', 'QUIET', 'FATAL', 'ERROR', 'INFO', 'VERBOSE', 'DEBUG', 'DEBUG1', 'DEBUG2', 'DEBUG3']
const facilities = ['DAEMON', 'USER', 'AUTH', 'AUTHPRIV', ...Array.from({ length: 8 }, (_, n) => `LOCAL${n}`)]
const digests = ['MD5', 'SHA1', 'SHA256', 'SHA384', 'SHA512']

// ssh prints the first of two names.
const synonyms: ReadonlyMap<string, string> = new Map([
  ['QUIET', 'SILENT'],
  ['DEBUG1', 'DEBUG'],
])

function upperWord(words: readonly string[], what: string): WordReader {
  return (word) => {
    const upper = word.toUpperCase()
    if (!words.includes(upper)) throw new Unacceptable(`unsupported ${what} "${printable(word)}"`)
    return synonyms.get(upper) ?? upper
  }
}

export const logLevel = upperWord(levels, 'log level')
export const syslogFacility = upperWord(facilities, 'log facility')
export const digest = upperWord(digests, 'hash algorithm')
