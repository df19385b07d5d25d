import { execFile } from 'node:child_process'
import { chown, link, lstat, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startDetached } from '../../src/cli/detach.js'
import { ensureKeyFile } from '../../src/config/key-file.js'
import { paths } from '../../src/config/paths.js'
import { MarkFile, readMark, type SignerMark } from '../../src/ledger/signer/signer-mark.js'
import { createFile, replaceFile } from '../../src/store/durable-file.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

test("a file is its owner's alone, and what could not be written whole is not there", async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'file')
  await replaceFile(file, ['one ', 'two'])
  expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['one two', 0o600])
  await expect(createFile(file, 'other')).rejects.toMatchObject({ code: 'EEXIST' })
  const broken = (async function* () {
    yield 'half'
    throw new Error('the source broke')
  })()
  await expect(replaceFile(file, broken)).rejects.toThrow('the source broke')
  expect(await readFile(file, 'utf8')).toBe('one two')
  expect(await readdir(folder)).toEqual(['file'])
})

test('S11: links that somebody planted are not followed, under every name that was ever used beside the file', async () => {
  const folder = await temporaryFolder()
  const victim = join(folder, 'victim')
  await writeFile(victim, 'untouched')
  for (const name of ['key', 'key.new', 'key.tmp', 'key.part', 'mark.tmp', 'mark.part', 'mark.new', 'to-victim'])
    await symlink(victim, join(folder, name))
  await expect(createFile(join(folder, 'key'), 'x')).rejects.toMatchObject({ code: 'EEXIST' })
  await replaceFile(join(folder, 'to-victim'), 'mine')
  expect((await lstat(join(folder, 'to-victim'))).isSymbolicLink()).toBe(false)
  await ensureKeyFile(join(folder, 'other-key'), () => new Uint8Array(32).fill(7))
  const mark = await MarkFile.open(join(folder, 'mark'))
  await mark.write({ ledger: `b${'a'.repeat(52)}`, seq: 0, hash: '0'.repeat(64), checkpoint: null })
  expect([await modeOf(join(folder, 'other-key')), await modeOf(join(folder, 'mark'))]).toEqual([0o600, 0o600])
  expect(await readFile(victim, 'utf8')).toBe('untouched')
})

const mark = (seq: number): SignerMark => ({
  ledger: `b${'a'.repeat(52)}`,
  seq,
  hash: '0'.repeat(64),
  checkpoint: null
})

test('S11: a link in the place of signer.json is not read, and not written through, when it was there before or comes while the node runs', async () => {
  const folder = await temporaryFolder()
  const [path, elsewhere, victim] = [
    join(folder, 'signer.json'),
    join(folder, 'elsewhere.json'),
    join(folder, 'victim')
  ]
  await (await MarkFile.open(elsewhere)).write(mark(9))
  await symlink(elsewhere, path)
  await expect(MarkFile.open(path)).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: `${path} is a symbolic link, which is not followed: put the file itself there`
  })
  await rm(path)
  await promisify(execFile)('mkfifo', [path])
  await expect(MarkFile.open(path)).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: `${path} is in the way: it is not a file`
  })
  await rm(path)

  const file = await MarkFile.open(path)
  await file.write(mark(0))
  const whole = await readFile(path)
  let seq = 0
  for (const plant of [symlink, link]) {
    await writeFile(victim, whole) // it looks like a mark: only what it is can tell
    await rm(path)
    await plant(victim, path)
    await file.write(mark(++seq))
    expect(await readFile(victim)).toEqual(whole)
    const now = await lstat(path)
    expect([now.isFile(), now.nlink, now.mode & 0o777]).toEqual([true, 1, 0o600])
    expect(await readMark(path)).toEqual(mark(seq))
    await file.write(mark(++seq)) // into the file that is there again
    expect(await readMark(path)).toEqual(mark(seq))
    await rm(victim)
  }
})

describe('start --detach', () => {
  test('S11: its log is no link, no pipe and no file of somebody else; nothing is started', async () => {
    const home = await temporaryFolder()
    const [log, victim] = [join(home, 'node.log'), join(home, 'victim')]
    await writeFile(victim, 'untouched')
    const detach = (): Promise<unknown> => startDetached({ paths: paths(home) })
    for (const target of [victim, join(home, 'not-there')]) {
      await symlink(target, log)
      await expect(detach()).rejects.toMatchObject({
        code: 'BAD_FILE',
        message: `${log} is a symbolic link, which is not followed: put the file itself there`
      })
      await rm(log)
    }
    for (const [command, ...args] of [
      ['mkfifo', log],
      ['mkdir', log]
    ]) {
      await promisify(execFile)(command!, args)
      await expect(detach()).rejects.toMatchObject({ code: 'BAD_FILE' })
      await rm(log, { recursive: true })
    }
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect(await readdir(home)).toEqual(['victim'])
  })

  // only the superuser can give files away
  test.skipIf(process.getuid?.() !== 0)('the owner of the home is asked before anything in it is opened', async () => {
    const home = await temporaryFolder()
    const log = join(home, 'node.log')
    await writeFile(log, 'theirs')
    await chown(log, 54_321, 54_321)
    await expect(startDetached({ paths: paths(home) })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: `${log} belongs to another user (uid 54321)`
    })
    await rm(log)
    await chown(home, 54_321, 54_321)
    await expect(startDetached({ paths: paths(home) })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: `${home} belongs to another user (uid 54321)`
    })
    expect(await readdir(home)).toEqual([])
    expect((await stat(home)).uid).toBe(54_321)
  })
})
