// Why this machine would not listen, in our words, and what to do about it.

import { formatAddress, type ListenAddress } from '../../dialer.js'
import { SallyportError } from '../../errors.js'
import { printable } from '../../printable.js'

/** The error for an address that could not be listened on; the system's error is its cause. */
export function listenFailed(address: ListenAddress, cause: unknown): SallyportError {
  if (cause instanceof SallyportError) return cause
  const where =
    'path' in address
      ? address.path
      : formatAddress({ host: address.host ?? 'localhost', port: address.port })
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  const why = words[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause))
  const what = `could not listen on ${printable(where)}: ${printable(why)}`
  return new SallyportError('LISTEN_FAILED', what, { phase: 'listen', hint: findHint(address, code), cause })
}

const words: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'the name has no address',
  ENOENT: 'there is no such directory',
}

function findHint(address: ListenAddress, code: string | undefined): string | undefined {
  if ('path' in address) return undefined
  if (code === 'EACCES' && address.port > 0 && address.port < 1024) {
    return 'ports below 1024 are for root; choose another one'
  }
  return code === 'EADDRINUSE' ? 'choose another port, or end what listens there' : undefined
}
