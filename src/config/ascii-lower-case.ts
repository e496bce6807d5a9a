// Upper and lower case as OpenSSH sees it. Pure.

/**
 * Lowers the letters A to Z and no others, as ssh does with keywords and host names. JavaScript would also make a `k` of
 * the Kelvin sign, and so take for equal what ssh does not.
 */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
