// Colour, where it helps: on a terminal, unless NO_COLOR is set (no-color.org).

import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export type Paint = (style: Style, text: string) => string

/** Paints for this stream, or leaves text as it is. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  const { NO_COLOR = '' } = process.env
  const isPlain = stream.isTTY !== true || NO_COLOR !== ''
  if (isPlain) return (_style, text) => text
  // That the stream takes colour was found out here.
  return (style, text) => styleText(style, text, { validateStream: false })
}
