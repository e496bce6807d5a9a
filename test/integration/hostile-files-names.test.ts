// File servers that name files so that a download would be written elsewhere: nothing outside the target is touched.

import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, SallyportError, type TransferOptions } from '../../src/index.js'
import { message } from '../../src/sftp/protocol/numbers.js'
import { failureOf } from '../support/failure.js'
import { leakCheck } from '../support/leak-check.js'
import { statusReply } from '../support/scripted-sftp.js'
import {
  type DownloadRoom,
  digestOf,
  downloadRoom,
  type ScriptedSftpHost,
  startScriptedSftpHost,
} from '../support/scripted-sftp-host.js'
import {
  directoryMode,
  fileMode,
  type ImpossibleTree,
  linkMode,
  once,
  treeScript,
} from '../support/scripted-sftp-tree.js'

leakCheck()

const oddNames = [
  'C:evil',
  'a\\b',
  '..\\..\\x',
  'CON',
  '-rf',
  '~',
  '$(touch x)',
  ' ',
  '...',
  'two\nlines',
  '\u202etxt',
]

/** What a terminal would act on: C0, DEL, C1, and a turn of direction. */
const controls = /[\u0000-\u001f\u007f-\u009f\u202e]/

let host: ScriptedSftpHost
beforeAll(async () => {
  const files = Object.fromEntries(oddNames.map((name) => [`odd/${name}`, 'odd']))
  host = await startScriptedSftpHost({ ...files, 'odd/\u001b]0;x\u0007': 'odd' })
})
afterAll(() => host[Symbol.asyncDispose]())

/** Downloads from an impossible tree, and holds that the world outside the target is as before. */
async function download(
  tree: ImpossibleTree,
  use: (
    get: (options?: TransferOptions) => Promise<unknown>,
    room: DownloadRoom,
    connection: Connection,
  ) => Promise<void>,
): Promise<void> {
  using room = downloadRoom()
  const before = room.outside()
  await host.connected(async (connection) => {
    host.sftp.script = treeScript(tree)
    const get = (options: TransferOptions = {}): Promise<unknown> =>
      connection.get('folder', `${room.target}/`, { recursive: true, timeoutMs: 10_000, ...options })
    await use(get, room, connection)
    expect((await connection.run('hostname')).stdout).toBe('filehost\n')
  })
  expect(room.outside()).toEqual(before)
}

test.each([
  [''],
  ['/'],
  ['/tmp/sallyport-evil'],
  ['../evil'],
  ['../../precious'],
  ['a/../../evil'],
  ['below/evil'],
  ['evil/'],
  ['./evil'],
  ['evil\0.txt'],
  ['\0'],
  ['..\0'],
])('the name %j is refused, whatever it is said to be', async (name) => {
  await download({ list: () => [] }, async (get, room) => {
    for (const symlinks of ['skip', 'copy', 'follow'] as const) {
      for (const mode of [fileMode, directoryMode, linkMode]) {
        host.sftp.script = treeScript({
          list: once([
            ['good', fileMode],
            [name, mode],
          ]),
        })
        const error = await failureOf(get({ symlinks }))
        expect(error).toMatchObject({ code: 'UNSAFE_NAME', hop: { host: 'filehost' } })
        expect(error.message).not.toMatch(controls)
        const allowed = ['folder', `folder/good = ${digestOf('evil')}`]
        expect(room.inside().filter((line) => !allowed.includes(line))).toEqual([])
      }
    }
  })
})

test('the directory itself and the one above are passed over, whatever they are said to be', async () => {
  const entries = ['.', '..'].flatMap((name) =>
    [fileMode, directoryMode, linkMode].map((mode) => [name, mode] as const),
  )
  await download({ list: once(entries) }, async (get, room) => {
    expect(await get({ symlinks: 'copy' })).toMatchObject({ files: 0, directories: 1 })
    expect(room.inside()).toEqual(['folder'])
  })
})

test('names that are odd, and no path, are names', async () => {
  using room = downloadRoom()
  await host.connectedHonestly(async (connection) => {
    const result = await connection.get('odd', `${room.target}/copy`, { recursive: true })
    expect(result).toMatchObject({ files: oddNames.length + 1, skipped: [] })
    const lines = [...oddNames, '\u001b]0;x\u0007'].map((name) => `copy/${name} = ${digestOf('odd')}`)
    expect(room.inside()).toEqual(['copy', ...lines].sort())
  })
})

test('what the server says goes to no terminal as it came', async () => {
  await download({ list: once([['\u001b]0;x\u0007', fileMode]]) }, async (get, _room, connection) => {
    const tree = host.sftp.script
    host.sftp.script = (request) =>
      request.type === message.open ? statusReply(request, 3, '\u001b[2J\u202e no\r') : tree(request)
    for (const work of [() => get(), () => connection.get('folder/\u001b[2J', { as: 'bytes' })]) {
      const { message: text, stack = '' } = await failureOf(work())
      expect(text).not.toMatch(controls)
      expect(stack).not.toContain('\u001b')
    }
  })
})

describe('a name that is told twice', () => {
  test.each([
    ['a link and then a file', linkMode, fileMode],
    ['a link and then a directory', linkMode, directoryMode],
    ['a directory and then a link', directoryMode, linkMode],
    ['a file and then a link', fileMode, linkMode],
    ['a file twice', fileMode, fileMode],
  ])('%s: only the first counts', async (_, first, second) => {
    const tree: ImpossibleTree = {
      list: (path, already) => {
        if (path.endsWith('folder'))
          return already > 0
            ? []
            : [
                ['x', first],
                ['x', second],
              ]
        return already > 0 ? [] : [['evil', fileMode]]
      },
      target: '../..',
    }
    await download(tree, async (get, room) => {
      expect(await get({ symlinks: 'copy' })).toMatchObject({
        skipped: [{ path: expect.stringMatching(/x$/) }],
      })
      expect(room.inside()).toHaveLength(first === directoryMode ? 3 : 2)
    })
  })
})

describe('a symbolic link', () => {
  test('that was copied is no way out for a later download', async () => {
    let mode = linkMode
    const tree: ImpossibleTree = {
      list: (path, already) =>
        already > 0 ? [] : path.endsWith('folder') ? [['x', mode]] : [['precious', fileMode]],
      target: '../..',
    }
    await download(tree, async (get, room) => {
      await get({ symlinks: 'copy' })
      expect(room.inside()).toEqual(['folder', 'folder/x -> ../..'])
      mode = directoryMode
      expect(await failureOf(get())).toMatchObject({ code: 'UNSAFE_NAME' })
      expect(room.inside()).toEqual(['folder', 'folder/x -> ../..'])
      mode = fileMode
      await get()
      expect(room.inside()).toEqual(['folder', `folder/x = ${digestOf('evil')}`])
    })
  })

  test.each([
    ['a file', (target: string) => symlinkSync('../../precious', join(target, 'folder/x')), fileMode],
    ['nothing', (target: string) => symlinkSync('../../new', join(target, 'folder/x')), fileMode],
  ])('to %s outside that lay here before is replaced, not followed', async (_, prepare, mode) => {
    await download({ list: once([['x', mode]]) }, async (get, room) => {
      mkdirSync(join(room.target, 'folder'))
      prepare(room.target)
      await get()
      expect(room.inside()).toEqual(['folder', `folder/x = ${digestOf('evil')}`])
    })
  })

  test.each([
    ['out of the tree', '/etc'],
    ['to the directory above', '/'],
    ['to a neighbour with a longer name', '/folder-2/x'],
  ])('that leads %s is left out when links are followed', async (_, real) => {
    const tree: ImpossibleTree = {
      list: once([['x', linkMode]]),
      realpath: (path) => (path.endsWith('x') ? real : `/${path}`),
    }
    await download(tree, async (get, room) => {
      expect(await get({ symlinks: 'follow' })).toMatchObject({
        files: 0,
        skipped: [{ path: expect.stringMatching(/x$/), reason: expect.stringMatching(/leads out/) }],
      })
      expect(room.inside()).toEqual(['folder'])
    })
  })
})

test.each([['/..'], ['/home/..'], ['/home/.'], ['..']])(
  'a home that is called %j gives its copy no name of its own',
  async (real) => {
    await download(
      { list: once([]), mode: () => directoryMode, realpath: () => real },
      async (_, room, connection) => {
        const error = await connection.get('.', `${room.target}/`, { recursive: true, timeoutMs: 5000 }).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        if (error !== undefined) expect(error).toMatchObject({ code: 'UNSAFE_NAME' })
      },
    )
  },
)

test('a pattern is matched against names, and no name is a path', async () => {
  const names = ['x.log', '../y.log', '/z.log', '..', 'a/b.log'].map((name) => [name, fileMode] as const)
  const tree: ImpossibleTree = {
    list: once(names),
    mode: (path) => (path.endsWith('folder') ? directoryMode : fileMode),
  }
  await download(tree, async (_, room, connection) => {
    const script = host.sftp.script
    // The pattern itself is no file.
    host.sftp.script = (request) => (request.about.includes('*') ? statusReply(request, 2) : script(request))
    await connection.get('folder/*', `${room.target}/`, { timeoutMs: 5000 }).catch((error: unknown) => {
      expect(error).toBeInstanceOf(SallyportError)
    })
    const allowed = [`x.log = ${digestOf('evil')}`]
    expect(room.inside().filter((line) => !allowed.includes(line))).toEqual([])
  })
})

describe('what is listed as one thing and turns out to be another', () => {
  test.each([
    ['a directory', directoryMode],
    ['a symbolic link', linkMode],
    ['a fifo', 0o010_644],
    ['a device', 0o020_644],
  ])('a file that is %s when it is opened is no reason to leave the target', async (_, mode) => {
    const tree: ImpossibleTree = {
      list: once([['x', fileMode]]),
      mode: (path) => (path.endsWith('folder') ? directoryMode : mode),
    }
    await download(tree, async (get, room) => {
      await get().catch((error: unknown) => expect(error).toBeInstanceOf(SallyportError))
      const allowed = ['folder', `folder/x = ${digestOf('evil')}`]
      expect(room.inside().filter((line) => !allowed.includes(line))).toEqual([])
    })
  })

  test('a directory that is in itself comes to an end', async () => {
    const tree: ImpossibleTree = {
      list: (_path, already) => (already > 0 ? [] : [['d'.repeat(200), directoryMode]]),
    }
    await download(tree, async (get) => {
      expect(await failureOf(get())).toBeInstanceOf(SallyportError)
    })
  })

  test('setuid, setgid and sticky bits stay behind', async () => {
    const tree: ImpossibleTree = {
      list: once([['x', 0o107_755]]),
      mode: (path) => (path.endsWith('folder') ? 0o047_755 : 0o107_755),
    }
    await download(tree, async (get, room) => {
      await get()
      expect(statSync(join(room.target, 'folder/x')).mode & 0o7777).toBe(0o755)
      expect(statSync(join(room.target, 'folder')).mode & 0o7777).toBe(0o755)
    })
  })
})

test('a directory without an end is copied until somebody has had enough, and no half file is left', async () => {
  const enough = new AbortController()
  const tree: ImpossibleTree = {
    list: (_path, already) => {
      if (already >= 300) enough.abort()
      return Array.from({ length: 100 }, (_, index) => [`n${already + index}`, fileMode] as const)
    },
  }
  await download(tree, async (get, room) => {
    await expect(get({ signal: enough.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(room.inside().filter((line) => !/^folder(?:\/n\d+ = \w+)?$/.test(line))).toEqual([])
  })
})

test('the room notices what is written outside', () => {
  using room = downloadRoom()
  const before = room.outside()
  writeFileSync(join(room.target, 'inside'), '')
  expect(room.outside()).toEqual(before)
  writeFileSync(join(room.target, '../precious'), 'changed')
  expect(room.outside()).not.toEqual(before)
})
