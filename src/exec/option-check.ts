// The checks of the values that callers in JavaScript can get wrong. Programming mistakes: TypeError, before any work.

/** Throws a TypeError that names the option unless `holds`. */
export function checkOption(name: string, holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`option ${name}: must be ${what}`)
}

/** Milliseconds that a timer can hold. */
export function checkDuration(name: string, value: unknown): void {
  const holds = typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1
  checkOption(name, value === undefined || holds, 'milliseconds from 0 to 2147483647')
}

export function checkSignal(value: unknown): void {
  checkOption('signal', value === undefined || value instanceof AbortSignal, 'an AbortSignal')
}

export function checkCount(name: string, value: unknown): void {
  const holds = Number.isSafeInteger(value) && (value as number) >= 0
  checkOption(name, value === undefined || holds, 'a whole number, not negative')
}

export function checkFunction(name: string, value: unknown): void {
  checkOption(name, value === undefined || typeof value === 'function', 'a function')
}

/** Anything with the method that makes it a stream of the wanted direction. */
export function checkStream(name: string, value: unknown, method: 'write' | 'read'): void {
  const holds =
    typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
  const what = method === 'write' ? 'a writable stream' : 'a readable stream'
  checkOption(name, value === undefined || holds, what)
}
