// The end of standard output before the end of this process: whoever reads it learns that nothing follows.

import { closeSync, fstatSync, openSync } from 'node:fs'

/** Resolves when all that was written has been taken, or is lost. A terminal has no end. */
export async function endOutput(stdout: NodeJS.WriteStream): Promise<void> {
  if (stdout.isTTY) return
  await new Promise<void>((resolve) => {
    stdout.end(() => resolve())
  })
  const { fd } = stdout as { readonly fd?: number }
  // Of a socket the end has closed the half that is written; a pipe has none, and Node keeps it open for good.
  if (fd === undefined || !fstatSync(fd).isFIFO()) return
  closeSync(fd)
  // The lowest number that is free: nothing else may get it.
  openSync('/dev/null', 'w')
}
