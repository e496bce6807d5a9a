// What the options of a transfer come to: checked, with their defaults.

import {
  callOptionNames,
  checkDuration,
  checkFunction,
  checkNames,
  checkOption,
  checkSignal,
} from '../option-check.js'
import type { TransferOptions } from './transfer.js'

/** The options that say how files are copied, each with its value. */
export interface TransferRules {
  readonly recursive: boolean
  readonly preserveMode: boolean
  readonly preserveTimes: boolean
  readonly symlinks: 'skip' | 'copy' | 'follow'
  readonly resume: boolean
  readonly checksum: 'sha256' | undefined
}

const names: Readonly<Record<keyof TransferOptions, true>> = {
  ...callOptionNames,
  recursive: true,
  preserveMode: true,
  preserveTimes: true,
  symlinks: true,
  resume: true,
  checksum: true,
  onProgress: true,
}

/** Fills in the defaults. Throws TypeError for values of the wrong type, and for options that there are not. */
export function checkTransferOptions(options: TransferOptions): TransferRules {
  checkNames(options, names)
  checkSignal(options.signal)
  checkDuration('timeoutMs', options.timeoutMs)
  checkFunction('onProgress', options.onProgress)
  const { recursive = false, preserveMode = true, preserveTimes = true, resume = false } = options
  const { symlinks = 'skip', checksum } = options
  for (const [name, value] of Object.entries({ recursive, preserveMode, preserveTimes, resume })) {
    checkOption(name, typeof value === 'boolean', 'true or false')
  }
  checkOption('symlinks', ['skip', 'copy', 'follow'].includes(symlinks), 'skip, copy or follow')
  checkOption('checksum', checksum === undefined || checksum === 'sha256', 'sha256')
  return { recursive, preserveMode, preserveTimes, symlinks, resume, checksum }
}
