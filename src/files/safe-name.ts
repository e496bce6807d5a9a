// Which names may become a part of a path of this machine. A server that lists others lies, or has files that this
// system cannot hold.

import { SftpError } from '../errors.js'
import { printable } from '../printable.js'

/** Names that Windows gives to devices, whatever follows the first dot. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i

/** Why this is no name of a file in a directory of this machine; `undefined` for one that is. */
export function findNameProblem(
  name: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (name === '') return 'it is empty'
  if (name === '.' || name === '..') return 'it is a directory of the path itself'
  if (name.includes('/')) return 'it has a slash'
  if (name.includes('\0')) return 'it has a NUL'
  if (platform !== 'win32') return undefined
  if (name.includes('\\')) return 'it has a backslash'
  if (/[<>:"|?*\u0001-\u001f]/.test(name)) return 'it has a character that Windows does not allow'
  if (/[ .]$/.test(name)) return 'it ends in a dot or a blank, which Windows drops'
  if (devices.test(name)) return 'it is a device of Windows'
  return undefined
}

/** Throws UNSAFE_NAME unless the name, which came from the server, can be that of a file here. */
export function requireSafeName(name: string, platform?: NodeJS.Platform): void {
  const problem = findNameProblem(name, platform)
  if (problem === undefined) return
  const shown = printable(name)
  throw new SftpError('UNSAFE_NAME', `the server has a file named "${shown}", and ${problem}`, {
    path: shown,
  })
}

/** A value as one part of a path: whatever it is, it does not lead elsewhere. */
export function safeSegment(value: string): string {
  const plain = value.replace(/[/\\\u0000-\u001f\u007f]/g, '_')
  const fit = process.platform === 'win32' ? plain.replace(/[<>:"|?*]/g, '_').replace(/[ .]$/, '_') : plain
  return fit === '' || /^\.+$/.test(fit) ? '_'.repeat(Math.max(1, fit.length)) : fit
}
