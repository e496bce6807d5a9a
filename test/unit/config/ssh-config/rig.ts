// A scratch directory for each test with a home and an /etc below it, and the files of ssh_config in them opened.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach } from 'vitest'
import { type OpenOptions, openSshConfig } from '../../../../src/config/ssh-config/open.js'
import { localAccount } from '../../../../src/config/ssh-config/tokens/local-account.js'
import { scratchDir } from '../../../support/run-dir.js'

/** Call it once, at the top of a test file. */
export function sshConfigRig() {
  let directory = ''
  beforeEach(() => {
    directory = scratchDir('ssh-config')
  })
  return {
    /** The directory of the running test. */
    get directory(): string {
      return directory
    },
    /** Writes a file below the directory, of which `home` is a home. */
    write(name: string, text: string, mode = 0o600): string {
      const path = join(directory, name)
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(path, text)
      chmodSync(path, mode)
      return path
    },
    open(options: Partial<OpenOptions> = {}) {
      const home = join(directory, 'home')
      return openSshConfig({
        files: 'default',
        systemFile: join(directory, 'etc/ssh_config'),
        account: { ...localAccount(), home, user: 'local', machine: 'here.test' },
        findName: async () => undefined,
        ...options,
      })
    },
  }
}
