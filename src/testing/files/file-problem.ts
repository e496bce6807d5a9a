// Why something could not be done with a file of an embedded host, in the words of errno(3).

const texts = {
  EACCES: 'Permission denied',
  EBADF: 'Bad file descriptor',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOSYS: 'Function not implemented',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENXIO: 'No such device or address',
} as const

/** What a system call on a real host would have failed with. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem'
  readonly code: keyof typeof texts

  constructor(code: keyof typeof texts) {
    super(texts[code])
    this.code = code
  }
}
