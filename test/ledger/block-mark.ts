import { mkdir, rename, rm } from 'node:fs/promises'

/** Puts a folder where the signer's mark is, so that it cannot be written; the returned function puts the file back. */
export async function blockMark(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.aside`)
  await mkdir(path)
  return async () => {
    await rm(path, { recursive: true })
    await rename(`${path}.aside`, path)
  }
}
