// Foreign data -> data in which no key has a meaning of its own: objects without a prototype. What could not be a
// configuration, such as the key `__proto__`, is left out and told.

import type { KeyPath } from './key-path.js'

/** Something that was left out of a copy. */
interface LeftOut {
  readonly path: KeyPath
  readonly message: string
}

/** A copy, frozen all the way down, and what is not in it. */
export interface InertCopy {
  readonly copy: unknown
  readonly leftOut: readonly LeftOut[]
}

/** Deeper than any configuration, and far from what a stack can hold. */
const deepest = 16

const hostile: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Copies lists and objects; what a program has in their place (functions, instances) stays as it is. */
export function inertCopy(data: unknown): InertCopy {
  const leftOut: LeftOut[] = []
  // An alias of YAML is one object in many places; it is copied once, so that aliases of aliases cost nothing.
  const copies = new Map<object, unknown>()
  const visit = (value: unknown, path: KeyPath): unknown => {
    if (!Array.isArray(value) && !isMapping(value)) return value
    const known = copies.get(value)
    if (known !== undefined) return known
    if (path.length > deepest) {
      leftOut.push({ path: path.slice(0, 3), message: `is nested more than ${deepest} levels deep` })
      return undefined
    }
    if (Array.isArray(value)) {
      const list: unknown[] = []
      copies.set(value, list)
      for (const [index, entry] of value.entries()) list.push(visit(entry, [...path, index]))
      return Object.freeze(list)
    }
    const object: Record<string, unknown> = Object.create(null)
    copies.set(value, object)
    for (const [key, entry] of Object.entries(value)) {
      if (hostile.has(key)) leftOut.push({ path: [...path, key], message: 'there is no such key' })
      else if (entry !== undefined) object[key] = visit(entry, [...path, key])
    }
    return Object.freeze(object)
  }
  return { copy: visit(data, []), leftOut }
}

/** Whether {@link inertCopy} of `data` would be `copy`, in which nothing was left out. Much faster than to copy. */
export function isCopyOf(copy: unknown, data: unknown): boolean {
  const same = new Map<object, unknown>()
  const visit = (ours: unknown, theirs: unknown): boolean => {
    if (!Array.isArray(theirs) && !isMapping(theirs)) return Object.is(ours, theirs)
    if (typeof ours !== 'object' || ours === null || Array.isArray(ours) !== Array.isArray(theirs))
      return false
    const known = same.get(theirs)
    if (known !== undefined) return known === ours
    same.set(theirs, ours)
    const entries = Object.entries(theirs).filter(([, entry]) => Array.isArray(theirs) || entry !== undefined)
    return (
      Object.keys(ours).length === entries.length &&
      entries.every(([key, entry]) => Object.hasOwn(ours, key) && visit(Reflect.get(ours, key), entry))
    )
  }
  return visit(copy, data)
}

/** Whether a value is keys and values, and not an instance of some class. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object of another realm, such as a loader of modules makes, has a prototype that is not ours, and has no own.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
