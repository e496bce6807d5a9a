import { expect, it } from 'vitest'
import { importsOf, withoutCommentsAndStrings } from '../../support/imports.js'

it('every way to import is seen, and nothing in a comment is', () => {
  const text = `
    // import a from 'commented'
    /** import b from 'documented' */
    import c from 'default'
    import {
      d,
    } from "several-lines"
    import type { e } from 'type-only'
    import * as f from 'namespace'
    import 'side-effect'
    export * from 're-exported'
    export { g } from 're-exported-name'
    const h = await import('dynamic')
    const i: import('inline-type').I = require('required')
    export const j = 'not-imported'
  `
  expect(importsOf(text)).toEqual([
    'default',
    'several-lines',
    'type-only',
    'namespace',
    'side-effect',
    're-exported',
    're-exported-name',
    'dynamic',
    'inline-type',
    'required',
  ])
})

it('words in comments and quotes are no words of the language', () => {
  const text = `/* any */ type A = 'any' | "any" // any\n type B = any`
  expect(withoutCommentsAndStrings(text).match(/\bany\b/g)).toHaveLength(1)
})
