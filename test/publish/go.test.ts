/**
 * Go's own verifier (Debian's golang-go and golang-golang-x-mod-dev) reads what is published. Left out, with a word, where
 * it is not installed.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { DiskFolder } from '../../src/publish/disk-folder.js'
import { publish } from '../../src/publish/publish.js'
import { Author } from '../core/author.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { AuthorSource } from './support.js'

const run = promisify(execFile)
const GOPATH = '/usr/share/gocode'
const BUILD_TIMEOUT_MS = 110_000

test(
  "Go's checksum database code finds every entry in the tree, and a changed one not",
  async (context) => {
    if (!existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog')) || !existsSync('/usr/bin/go')) {
      console.warn('not read with Go: golang-go and golang-golang-x-mod-dev are not installed')
      return context.skip('no Go here')
    }
    const author = await Author.create()
    while (author.size < 515) await author.append()
    const path = await temporaryFolder()
    const folder = await DiskFolder.open(path)
    for (const size of [200, 515]) {
      const part = author.fork()
      part.entries.length = size
      await publish(new AuthorSource(part), folder, { payloads: false })
    }
    const built = await temporaryFolder()
    const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(built, 'cache'), GOFLAGS: '' }
    const program = join(built, 'verify')
    await run('/usr/bin/go', ['build', '-o', program, resolve('examples/tiles/verify.go')], { env })
    const vkey = (await readFile(join(path, 'vkeys'), 'utf8')).trimEnd()
    expect((await run(program, [path, vkey])).stdout).toMatch(/^515 of 515 entries are in the tree/)

    await expect(run(program, [path, vkey.replace('ledgermesh/', 'another/')])).rejects.toMatchObject({ code: 1 })
    const bundle = join(path, 'tile/entries/001')
    const bytes = await readFile(bundle)
    bytes[3000]! ^= 1
    await writeFile(bundle, bytes)
    await expect(run(program, [path, vkey])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('invalid')
    })
  },
  BUILD_TIMEOUT_MS
)
