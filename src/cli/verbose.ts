// What the library tells on node:diagnostics_channel, as lines on standard error: warnings always, with -v each hop's
// phases and times, and the forwards, with -vv channels, too.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type ChannelEvent,
  type ForwardEvent,
  formatAddress,
  formatHop,
  type HopEvent,
  type PhaseEvent,
  printable,
  printableLines,
  type WarningEvent,
} from '../index.js'
import { aside } from './live-area.js'

type Listener = (event: unknown) => void

/** Begins to tell, but for the warnings that are in `except` then; the function that it returns ends that. */
export function tell(verbosity: number, { except }: { readonly except: ReadonlySet<string> }): () => void {
  const listeners = new Map<string, Listener>([
    [
      'sallyport:warning',
      (event) => {
        const warning = event as WarningEvent
        if (!except.has(warning.message)) write(warningLines(warning))
      },
    ],
  ])
  if (verbosity > 0) {
    listeners.set('sallyport:phase', (event) => write([phaseLine(event as PhaseEvent)]))
    listeners.set('sallyport:hop', (event) => write(hopLines(event as HopEvent)))
    listeners.set('sallyport:forward', (event) => write([forwardLine(event as ForwardEvent)]))
  }
  if (verbosity > 1)
    listeners.set('sallyport:channel', (event) => write([channelLine(event as ChannelEvent)]))
  for (const [name, listener] of listeners) subscribe(name, listener)
  return () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener)
  }
}

// `gatewayhost (hop 1 of 2): key-exchange 12 ms (…)`
function phaseLine({ hop, phase, durationMs, detail, error }: PhaseEvent): string {
  const what = `${formatHop(hop)}: ${phase}`
  if (error !== undefined) return `${what} failed after ${inMs(durationMs)}`
  return `${what} ${inMs(durationMs)}${detail === undefined ? '' : ` (${detail})`}`
}

// Its beginning is told by its first phase, and its failure by the error.
function hopLines({ hop, state, durationMs }: HopEvent): readonly string[] {
  if (state === 'opening' || state === 'failed') return []
  return [`${formatHop(hop)}: ${state} after ${inMs(durationMs)}`]
}

function channelLine({ hop, kind, address, state, durationMs }: ChannelEvent): string {
  const where = address === undefined ? '' : ` to ${formatAddress(address)}`
  return `${formatHop(hop)}: ${kind}${where} ${state} after ${inMs(durationMs)}`
}

function forwardLine({ hop, kind, state, address }: ForwardEvent): string {
  const where = hop === undefined ? '' : `${formatHop(hop)}: `
  return `${where}${kind} forward at ${formatAddress(address)} ${state}`
}

// A banner has several lines. Each gets the whole prefix, so that a server cannot speak in our name.
function warningLines({ hop, message }: WarningEvent): readonly string[] {
  const where = hop === undefined ? '' : `${formatHop(hop)}: `
  const lines = printableLines(message, 8192).trimEnd().split('\n')
  return lines.map((line) => `warning: ${where}${line}`)
}

function inMs(durationMs: number): string {
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`
}

function write(lines: readonly string[]): void {
  aside(() => process.stderr.write(lines.map((line) => `sallyport: ${printable(line, 8192)}\n`).join('')))
}
