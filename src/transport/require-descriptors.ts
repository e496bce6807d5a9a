// Finds out before a child process is started whether there are descriptors enough for it. Node 20.20 never closes the
// pipes of a spawn that failed with EMFILE, and gives no one else the means to; test/unit/transport/living-groups.test.ts
// without this check shows whether it still does so.

import { closeSync, openSync } from 'node:fs'

// Three socket pairs, and the pipe by which libuv learns whether the program could be run.
const perChild = 8

/** Throws the system's error (EMFILE, ENFILE) when a child with three pipes cannot be started now. */
export function requireDescriptors(): void {
  const taken: number[] = []
  try {
    while (taken.length < perChild) taken.push(openSync('/dev/null', 'r'))
  } finally {
    for (const descriptor of taken) closeSync(descriptor)
  }
}

/** The system's error when there are no descriptors now for what needs some. */
export function findShortage(): unknown {
  try {
    requireDescriptors()
    return undefined
  } catch (error) {
    return error
  }
}
