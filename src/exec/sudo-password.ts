// What can be a password for sudo: one line that a terminal takes as it is.

/** sudo reads no more than that at once; the rest would be taken for something else. */
const maxBytes = 1023

/** Throws TypeError for what sudo would not read as one password. The error does not show it. */
export function checkPassword(password: unknown): string {
  if (typeof password !== 'string')
    throw new TypeError('option password: must be text, or a function that gives text')
  if (/\p{Cc}/u.test(password)) throw new TypeError('option password: must have no control characters')
  if (Buffer.byteLength(password) > maxBytes)
    throw new TypeError(`option password: must have at most ${maxBytes} bytes`)
  return password
}
