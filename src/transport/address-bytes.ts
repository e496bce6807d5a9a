// A numeric IP address as the bytes that it stands for, in network order.

/** 4 bytes for IPv4, 16 for IPv6; `address` is one that `net.isIP` knows, without a zone. */
export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const gap = Array.from({ length: 8 - before.length - after.length }, () => 0)
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...before, ...gap, ...after].entries()) bytes.writeUInt16BE(group, 2 * index)
  return bytes
}

// The last two groups may be written as an IPv4 address (RFC 4291 2.2).
function groupsOf(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}
