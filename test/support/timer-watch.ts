// Which timers were made since a moment and still run, and by whom: getActiveResourcesInfo() neither says where a
// timer came from nor sees one that was unref'ed.

import { createHook } from 'node:async_hooks'

export interface TimerWatch {
  /** The timers made since the watch began that still run, each as the place in the code that made it. */
  running(): readonly string[]
  /** Stops watching. May be called twice. */
  end(): void
}

/** Watches timers made by anything but the test runner. */
export function watchTimers(): TimerWatch {
  const timers = new Map<number, string>()
  const hook = createHook({
    init(asyncId, type) {
      if (type !== 'Timeout') return
      const place = findPlace(new Error('timer').stack ?? '')
      if (place !== undefined) timers.set(asyncId, place)
    },
    destroy(asyncId) {
      timers.delete(asyncId)
    },
  }).enable()
  return {
    running: () => [...timers.values()],
    end() {
      hook.disable()
    },
  }
}

/** The innermost frame outside of Node and this file; `undefined` for the runner's own timers and for Node's. */
function findPlace(stack: string): string | undefined {
  const frame = stack
    .split('\n')
    .slice(1)
    .find((line) => !/\(?node:|timer-watch\.ts|AsyncHook/.test(line))
  if (frame === undefined || /node_modules\/(@vitest|vitest|vite|tinyexec|birpc)\//.test(frame))
    return undefined
  return frame.trim()
}
