// A value without effect as it may be shown: what looks like a secret in a LocalCommand is one although nothing runs it.

import { inspect } from 'node:util'
import { withoutSecrets, withoutSecretWords } from '../secret-text.js'
import type { Unused } from './host-answer.js'

/** The same value, frozen; where it has a secret, its words are left out of what prints it. */
export function hidingSecrets({ keyword, words, origin }: Unused): Unused {
  const safe = { keyword, words: shownWords(words), origin }
  if (safe.words.every((word, index) => word === words[index]))
    return Object.freeze({ keyword, words, origin })
  const shown = { value: () => safe }
  // What prints an object without asking it passes over what cannot be enumerated.
  return Object.freeze(
    Object.defineProperties(
      { keyword, words, origin },
      {
        words: { enumerable: false },
        toJSON: shown,
        [inspect.custom]: shown,
      },
    ),
  )
}

/** The words as one text, without secrets. */
export function shownText({ words }: Pick<Unused, 'words'>): string {
  return shownWords(words).join(' ')
}

// One word is a text of its own: a whole command.
function shownWords(words: readonly string[]): readonly string[] {
  return words.length === 1 ? words.map(withoutSecrets) : withoutSecretWords(words)
}
