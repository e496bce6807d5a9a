// A web server's certificate for tests, made by hand: the fewest fields that a TLS client needs (RFC 5280 4.1, version 1).

import { generateKeyPairSync, sign } from 'node:crypto'

export interface Certificate {
  /** In PEM; it is its own authority. */
  readonly cert: string
  readonly key: string
}

/** A certificate for `name`, valid until 2049. */
export function selfSigned(name: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = sequence(tlv(0x06, Buffer.from([0x2b, 0x65, 0x70])))
  const commonName = tlv(0x06, Buffer.from([0x55, 0x04, 0x03]))
  const subject = sequence(tlv(0x31, sequence(commonName, tlv(0x0c, Buffer.from(name)))))
  const time = (text: string): Buffer => tlv(0x17, Buffer.from(text))
  const content = sequence(
    tlv(0x02, Buffer.from([1])),
    ed25519,
    subject,
    sequence(time('200101000000Z'), time('491231235959Z')),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign(null, content, privateKey)]))
  const base64 = sequence(content, ed25519, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts))
}

/** One DER element (X.690 8.1). */
function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
