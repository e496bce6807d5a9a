// Whether a failure means that the process, or the machine, has no descriptor left.

/** Looks through the causes of an error for the system's EMFILE and ENFILE. */
export function lacksDescriptors(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 8) return false
  const code: unknown = Reflect.get(error, 'code')
  if (code === 'EMFILE' || code === 'ENFILE') return true
  // Of several addresses none was tried, or not for this reason.
  if (error instanceof AggregateError && error.errors.some((each) => lacksDescriptors(each, depth + 1))) {
    return true
  }
  return lacksDescriptors(Reflect.get(error, 'cause'), depth + 1)
}
