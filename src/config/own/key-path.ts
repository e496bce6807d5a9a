// How messages name a place in a configuration: `sallyport.config.yaml: hosts.db.port`.

import { printable } from '../../printable.js'

/** The keys from the top of a configuration to a value; entries of lists are counted from 0. */
export type KeyPath = readonly (string | number)[]

/** The name of a place; a key that is no plain word stands in quotes: `hosts."*.internal".port`, `groups.web[2]`. */
export function placeOf(file: string, path: KeyPath): string {
  return path.length === 0 ? file : `${file}: ${formatPath(path)}`
}

function formatPath(path: KeyPath): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`
      const word = /^[\w-]+$/.test(key) ? key : `"${printable(key, 60).replaceAll('"', '\\"')}"`
      return index === 0 ? word : `.${word}`
    })
    .join('')
}
