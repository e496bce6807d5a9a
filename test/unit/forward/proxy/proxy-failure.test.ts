// The word that a client of a proxy gets for an error.

import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../../src/error-codes.js'
import { ConnectError, type Phase, SallyportError } from '../../../../src/errors.js'
import { proxyFailure } from '../../../../src/forward/proxy/proxy-failure.js'

const hop = { index: 0, count: 1, user: 'ann', host: 'gateway', port: 22 }
const ours = (code: ErrorCode, text = '', phase: Phase = 'channel') =>
  new ConnectError(code, text, { hop, phase })
const systems = (code: string) => Object.assign(new Error(code), { code })

test.each([
  [ours('CONNECTION_REFUSED'), 'connection refused'],
  [ours('NAME_NOT_FOUND'), 'host unreachable'],
  [ours('FORWARD_PROHIBITED'), 'not permitted'],
  [new SallyportError('DESTINATION_NOT_PERMITTED', ''), 'not permitted'],
  [ours('TIMEOUT'), 'timed out'],
  [ours('TIMEOUT', '', 'dial'), 'timed out'],
  [
    ours('CONNECTION_FAILED', 'could not open a channel to a:1: Network is unreachable'),
    'network unreachable',
  ],
  [ours('CONNECTION_FAILED', 'could not open a channel to a:1: No route to host'), 'host unreachable'],
  [ours('CONNECTION_FAILED', 'could not open a channel to a:1: Connection timed out'), 'timed out'],
  [ours('CONNECTION_FAILED', 'could not open a channel to a:1: Connection reset'), 'failed'],
  [ours('CHANNEL_REFUSED'), 'failed'],
  [ours('CONNECTION_LOST'), 'failed'],
  // The way to the SSH server is not the destination.
  [ours('CONNECTION_REFUSED', '', 'dial'), 'failed'],
  [ours('NAME_NOT_FOUND', '', 'dial'), 'failed'],
  [ours('AUTH_FAILED', '', 'authentication'), 'failed'],
  [systems('ECONNREFUSED'), 'connection refused'],
  [systems('ENOTFOUND'), 'host unreachable'],
  [systems('EHOSTUNREACH'), 'host unreachable'],
  [systems('ENETUNREACH'), 'network unreachable'],
  [systems('ETIMEDOUT'), 'timed out'],
  [systems('EACCES'), 'not permitted'],
  [systems('constructor'), 'failed'],
  [new Error('odd'), 'failed'],
  ['thrown', 'failed'],
  [undefined, 'failed'],
])('%s: %s', (error, word) => {
  expect(proxyFailure(error)).toBe(word)
})
