// The numbers of SFTP version 3 (draft-ietf-secsh-filexfer-02): messages, statuses, and the bits of flags.

/** The version that both sides of this library speak. */
export const protocolVersion = 3

/** The types of messages (3), `SSH_FXP_…`. */
export const message = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 200,
  extendedReply: 201,
} as const

/** The statuses (7), `SSH_FX_…`. */
export const status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
} as const

/** How a file is opened (6.3), `SSH_FXF_…`. */
export const openFlag = {
  read: 0x01,
  write: 0x02,
  append: 0x04,
  create: 0x08,
  truncate: 0x10,
  exclusive: 0x20,
} as const

/** Which attributes follow (5), `SSH_FILEXFER_ATTR_…`. */
export const attributeFlag = {
  size: 0x01,
  owner: 0x02,
  mode: 0x04,
  times: 0x08,
  extended: 0x8000_0000,
} as const

/** The bits of a mode that say what kind of file it is (inode(7)). */
export const fileTypeBits = {
  mask: 0o170_000,
  socket: 0o140_000,
  symlink: 0o120_000,
  file: 0o100_000,
  blockDevice: 0o060_000,
  directory: 0o040_000,
  characterDevice: 0o020_000,
  fifo: 0o010_000,
} as const

/** The extensions of OpenSSH that this library uses (PROTOCOL of OpenSSH, 4). */
export const extension = {
  posixRename: 'posix-rename@openssh.com',
  hardLink: 'hardlink@openssh.com',
  fsync: 'fsync@openssh.com',
  lsetstat: 'lsetstat@openssh.com',
  limits: 'limits@openssh.com',
  expandPath: 'expand-path@openssh.com',
} as const

/** The most bytes of a packet behind its length: 256 KiB of data with what is around them. */
export const maxPacketBytes = 256 * 1024 + 1024

/** The most bytes to read or write at once where the server names no limit (3: all servers should take them). */
export const defaultDataBytes = 32 * 1024
