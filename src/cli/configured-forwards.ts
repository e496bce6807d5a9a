// The forwards of a host, those of the command line first: opened as ssh opens them, and ended as ssh ends them.

import {
  type Address,
  type Connection,
  type Forward,
  formatAddress,
  printable,
  type Settings,
} from '../index.js'

/**
 * Opens what -L, -R and -D and the configuration say, and nothing where they say nothing. One that fails is a warning, or
 * with ExitOnForwardFailure an error. `signal` ends them.
 */
export async function openForwards(connection: Connection, signal: AbortSignal): Promise<readonly Forward[]> {
  const settings = await targetSettings(connection, signal)
  if (settings === undefined || !hasForwards(settings)) return []
  const forwards = await connection.forwardConfigured({ signal })
  for (const { kind, address } of forwards) {
    if (kind === 'remote' && isChosenThere(address, settings)) tellPort(address)
  }
  return forwards
}

/** Whether the port is none of those that were asked for. */
function isChosenThere(address: Address, { remoteForward }: Settings): boolean {
  return 'port' in address && !remoteForward.some((text) => text.split(':').includes(String(address.port)))
}

/** As ssh does. */
function tellPort(address: Address): void {
  process.stderr.write(`sallyport: remote forward at ${printable(formatAddress(address))}\n`)
}

/** What the route says of the host itself. */
export async function targetSettings(
  connection: Connection,
  signal: AbortSignal,
): Promise<Settings | undefined> {
  const { hops } = await connection.resolve({ signal })
  return hops.at(-1)?.settings
}

/** Whether there is anything to open. */
export function hasForwards(settings: Settings): boolean {
  const { clearAllForwardings, localForward, remoteForward, dynamicForward } = settings
  return !clearAllForwardings && localForward.length + remoteForward.length + dynamicForward.length > 0
}

/**
 * As ssh does when a command or a shell has ended: waits for the connections that are still under way, and for those
 * that come meanwhile. Then, or when `signal` is aborted, closes all.
 */
export async function drain(forwards: readonly Forward[], signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      // At once after the news of it, a connection may still be counted.
      if (forwards.every(({ counts }) => counts.open === 0)) resolve()
    }
    const lookSoon = (): void => void setImmediate(look)
    for (const forward of forwards) forward.on('connectionClosed', lookSoon).on('refused', lookSoon)
    for (const { closed } of forwards) void closed.then(lookSoon)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
    look()
  })
  await Promise.all(forwards.map((forward) => forward.close()))
}
