import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { writeOutput } from '../../src/cli/output-file.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const run = promisify(execFile)
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

describe('what stands at the path already', () => {
  test("nothing: the file is its owner's alone", async () => {
    const file = join(await temporaryFolder(), 'out')
    await writeOutput(file, 'text')
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['text', 0o600])
  })

  test('a file: its mode is kept, unless what is written is for its owner only', async () => {
    const folder = await temporaryFolder()
    for (const [mode, ownerOnly, then] of [
      [0o600, false, 0o600],
      [0o644, false, 0o644],
      [0o664, true, 0o600]
    ] as const) {
      const file = join(folder, `${mode}-${ownerOnly}`)
      await writeFile(file, 'old')
      await chmod(file, mode)
      await writeOutput(file, 'new', { ownerOnly })
      expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['new', then])
    }
  })

  test('a folder, a link to a file, a link to nothing: refused, and nothing is written', async () => {
    const folder = await temporaryFolder()
    const victim = join(folder, 'victim')
    await writeFile(victim, 'untouched')
    await symlink(victim, join(folder, 'link'))
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling'))
    await mkdir(join(folder, 'dir'))
    for (const name of ['link', 'dangling', 'dir'])
      await expect(writeOutput(join(folder, name), 'x')).rejects.toMatchObject({ code: 'BAD_FILE' })
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect((await readdir(folder)).sort()).toEqual(['dangling', 'dir', 'link', 'victim'])
  })

  test('a pipe: written to, and still a pipe, also behind a link', async () => {
    const folder = await temporaryFolder()
    const pipe = join(folder, 'pipe')
    await run('mkfifo', [pipe])
    await symlink(pipe, join(folder, 'link'))
    for (const name of ['pipe', 'link']) {
      const [read] = await Promise.all([text(createReadStream(pipe)), writeOutput(join(folder, name), ['a', 'b'])])
      expect(read).toBe('ab')
    }
    expect((await lstat(pipe)).isFIFO()).toBe(true)
  })

  // devices made for this test alone: never the system's own
  test.skipIf(process.getuid?.() !== 0)('a device: written to, and still a device; a full one fails', async () => {
    const folder = await temporaryFolder()
    const [sink, full] = [join(folder, 'null'), join(folder, 'full')]
    await run('mknod', [sink, 'c', '1', '3'])
    await run('mknod', [full, 'c', '1', '7'])
    await writeOutput(sink, 'text')
    await expect(writeOutput(full, 'text')).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining('ENOSPC')
    })
    for (const device of [sink, full]) expect((await lstat(device)).isCharacterDevice()).toBe(true)
  })
})

test('a folder that is not there is named', async () => {
  await expect(writeOutput(join(await temporaryFolder(), 'no', 'where'), 'x')).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: expect.stringContaining('ENOENT')
  })
})
