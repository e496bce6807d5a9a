// How long an RSA key is, by its form on the wire (RFC 4253 6.6): host keys and the keys of users are held to a least size.

/** The least that any RSA key must have, whatever the settings say: OpenSSH's own limit. */
const leastBits = 1024

/** The bits of the modulus; `undefined` for what is no RSA key. */
export function findRsaBits(blob: Buffer): number | undefined {
  const [type, , modulus] = fieldsOf(blob)
  if (type?.toString('latin1') !== 'ssh-rsa' || modulus === undefined) return undefined
  const digits = modulus.toString('hex').replace(/^0+/, '')
  return digits === ''
    ? 0
    : (digits.length - 1) * 4 + Number.parseInt(digits.charAt(0), 16).toString(2).length
}

/** Why an RSA key is too short, where it is: ssh_config(5) RequiredRSASize. */
export function findRsaShortcoming(blob: Buffer, requiredBits: number): string | undefined {
  const bits = findRsaBits(blob)
  const least = Math.max(requiredBits, leastBits)
  return bits === undefined || bits >= least
    ? undefined
    : `an RSA key of ${bits} bits, and ${least} are required`
}

function fieldsOf(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= blob.length && fields.length < 3; ) {
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) break
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}
