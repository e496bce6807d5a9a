// The programs that the tests run for real. On Debian, as root, what is missing is installed, and no service is
// started by that; anywhere else one sentence says what to install.

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Each program, or file of one, and the smallest Debian package that has it. */
const packages = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  'ssh-agent': 'openssh-client',
  ip: 'iproute2',
  nc: 'netcat-openbsd',
  chromium: 'chromium',
  initdb: 'postgresql',
  postgres: 'postgresql',
  mariadbd: 'mariadb-server-core',
  'mariadb-install-db': 'mariadb-server-core',
  my_print_defaults: 'mariadb-client-core',
  'redis-server': 'redis-server',
  nginx: 'nginx',
  aiosmtpd: 'python3-aiosmtpd',
  microsocks: 'microsocks',
  tinyproxy: 'tinyproxy-bin',
  curl: 'curl',
  openssl: 'openssl',
  python3: 'python3',
  '/usr/lib/openssh/sftp-server': 'openssh-sftp-server',
  '/usr/lib/python3/dist-packages/asyncssh/sftp.py': 'python3-asyncssh',
  sudo: 'sudo',
}
const postgres = '/usr/lib/postgresql'
const startPolicy = '/usr/sbin/policy-rc.d'

/** The packages to install, each once; none when everything is there. */
export function missingPrograms() {
  const missing = Object.entries(packages).filter(([program]) => !isInstalled(program))
  return [...new Set(missing.map(([, name]) => name))]
}

/** Installs the packages. Returns what is wrong, in one sentence, or nothing. */
export function provide(names) {
  const install = `install ${names.join(' ')}`
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    return `the tests run real servers and a browser, and need programs that are missing: ${install}`
  }
  // Debian asks this script whether a new service may start (invoke-rc.d(8)): 101 is no.
  const forbidStart = !existsSync(startPolicy)
  if (forbidStart) writeFileSync(startPolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    let result = aptGet(['install', '--no-install-recommends', ...names])
    if (result.status !== 0) {
      aptGet(['update'])
      result = aptGet(['install', '--no-install-recommends', ...names])
    }
    if (result.status === 0) return undefined
    process.stdout.write(`${result.stdout}${result.stderr}`)
    return `apt-get could not install what the tests need: ${install}`
  } finally {
    if (forbidStart) rmSync(startPolicy)
  }
}

function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Somebody else may be installing something: then wait for the end of that.
  const options = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=120']
  return spawnSync('apt-get', [...options, ...args], { env, encoding: 'utf8' })
}

/** Debian keeps the servers of each version of PostgreSQL in a directory of their own, outside the PATH. */
function directories() {
  const versions = existsSync(postgres) ? readdirSync(postgres) : []
  return [
    ...(process.env.PATH ?? '').split(':'),
    ...['/usr/local/sbin', '/usr/sbin', '/sbin'],
    ...versions.map((version) => join(postgres, version, 'bin')),
  ]
}

function isInstalled(program) {
  if (program.startsWith('/')) return existsSync(program)
  return directories().some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
