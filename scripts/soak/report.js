// The table that a soak ends with.

/** @param {readonly { readonly title: string, readonly checks: readonly { readonly text: string, readonly holds: boolean }[] }[]} parts */
export function formatReport(parts) {
  return parts
    .map(({ title, checks }) =>
      [title, ...checks.map(({ text, holds }) => `  ${holds ? 'holds ' : 'BROKEN'}  ${text}`), ''].join('\n'),
    )
    .join('\n')
}
