// What matches a pattern and is not there to be copied: the words for it.

import { shownPath } from './byte-path.js'
import type { SkippedFile } from './transfer.js'

/** Why there is nothing behind a name that a listing had. */
export function absence(match: string, isLink: boolean): string {
  if (match.includes('\u{fffd}')) return 'its name is not UTF-8'
  return isLink ? 'symbolic link to nothing' : 'vanished'
}

/** For the error when nothing else matches. */
export function skippedHint([first]: readonly SkippedFile[]): string | undefined {
  return first && `${shownPath(first.path)} matches and is left out: ${first.reason}`
}
