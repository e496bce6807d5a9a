// A number of bytes for a person's eye.

const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** At most eight characters: `0 B`, `999 B`, `1.0 KiB`, `15 MiB`. */
export function formatBytes(count: number): string {
  let value = count
  let unit = 'B'
  for (const next of units) {
    if (value < 999.5) break
    value /= 1024
    unit = next
  }
  const digits = unit !== 'B' && value < 9.95 ? value.toFixed(1) : value.toFixed(0)
  return `${digits} ${unit}`
}
