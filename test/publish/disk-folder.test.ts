import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DiskFolder, PARTS } from '../../src/publish/disk-folder.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const bytes = (text: string): Buffer => Buffer.from(text)

test('no symbolic link is followed, neither to read nor to write', async () => {
  const outside = await temporaryFolder()
  await writeFile(join(outside, 'secret'), 'secret')
  const path = join(await temporaryFolder(), 'public')
  const folder = await DiskFolder.open(path)
  await symlink(join(outside, 'secret'), join(path, 'checkpoint'))
  await symlink(outside, join(path, 'tile'))
  await expect(folder.read('checkpoint')).rejects.toMatchObject({ code: 'ELOOP' })
  await expect(folder.read('tile/secret')).rejects.toMatchObject({ code: 'BAD_FILE' })
  await expect(folder.list('tile')).rejects.toMatchObject({ code: 'BAD_FILE' })
  await expect(folder.create('tile/0/000', bytes('x'))).rejects.toMatchObject({ code: 'BAD_FILE' })
  await expect(folder.create('checkpoint', bytes('x'))).rejects.toMatchObject({ code: 'ELOOP' })
  await folder.replace('checkpoint', bytes('new')) // takes the link's place
  await expect(folder.remove('tile/secret')).rejects.toMatchObject({ code: 'BAD_FILE' })
  await folder.remove('tile')
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret')
  expect(await readdir(outside)).toEqual(['secret'])
  expect((await stat(join(path, 'checkpoint'))).mode & 0o777).toBe(0o644)
})

test('a file is created once: the same content is fine, another is refused', async () => {
  const path = await temporaryFolder()
  const folder = await DiskFolder.open(path)
  await folder.create('tile/0/x001/000', bytes('a'))
  await folder.create('tile/0/x001/000', bytes('a'))
  await expect(folder.create('tile/0/x001/000', bytes('b'))).rejects.toMatchObject({ code: 'BAD_FILE' })
  await folder.sync()
  expect(await readFile(join(path, 'tile/0/x001/000'), 'utf8')).toBe('a')
  expect(await readdir(join(path, PARTS))).toEqual([])
  await folder.remove('tile/0/x001/000')
  await folder.remove('tile/0/x009/000')
  await folder.sync()
  expect(await folder.read('tile/0/x001/000')).toBeNull()
})

test('what a killed run left is deleted; a run that goes on is not disturbed', async () => {
  const path = await temporaryFolder()
  await mkdir(join(path, PARTS))
  await writeFile(join(path, PARTS, '999999999-aa'), 'left')
  await DiskFolder.open(path)
  expect(await readdir(join(path, PARTS))).toEqual([])
  await writeFile(join(path, PARTS, `${process.ppid}-aa`), 'being written')
  await expect(DiskFolder.open(path)).rejects.toMatchObject({ code: 'BAD_FILE' })
  expect(await readdir(join(path, PARTS))).toEqual([`${process.ppid}-aa`])
  await writeFile(join(path, 'plain'), '')
  await link(join(path, 'plain'), join(path, 'other'))
  await expect(DiskFolder.open(join(path, 'plain'))).rejects.toMatchObject({ code: 'EEXIST' })
})
