// The engine: ssh2 behind our seam.

import { unsupportedAlgorithms } from './algorithms.js'
import { handshake } from './ssh2-handshake.js'
import { parsePrivateKey, parsePublicKey } from './ssh2-keys.js'
import type { Wire } from './wire.js'

export const wire: Wire = { handshake, parsePrivateKey, parsePublicKey, unsupportedAlgorithms }
