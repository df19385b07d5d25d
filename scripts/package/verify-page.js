/**
 * Makes `verify.html`, and its hash beside it: `node scripts/package/verify-page.js [folder]`. One file, from `dist` and
 * `web/verify`, the same bytes at every build of the same sources: the script and the style are allowed by their hashes,
 * and nothing else is.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const sha256 = (text, encoding) => createHash('sha256').update(text).digest(encoding)
const source = (name) => readFileSync(join('web/verify', name), 'utf8')

/** The page. Throws when a module cannot be bundled for a browser. */
export async function verifyPage() {
  const build = await rolldown({
    input: 'web/verify/main.ts',
    platform: 'browser',
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message)
    }
  })
  const { output } = await build.generate({ format: 'iife', minify: true })
  await build.close()
  if (output.length !== 1) throw new Error('the page is one file')
  const script = output[0].code.trim()
  const style = source('style.css').replace(/\s+/g, ' ').trim()
  if (/<\/script|<!--/i.test(script)) throw new Error('the script would end within itself')
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(script, 'base64')}'`,
    `style-src 'sha256-${sha256(style, 'base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'"
  ].join('; ')
  const parts = { STYLE: `<style>${style}</style>`, SCRIPT: `<script>${script}</script>`, VERSION: version }
  return source('page.html')
    .replace('POLICY', policy)
    .replace(/<!--([A-Z]+)-->/g, (_, name) => parts[name])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '.'] = process.argv.slice(2)
  const page = await verifyPage()
  writeFileSync(join(folder, 'verify.html'), page)
  writeFileSync(join(folder, 'verify.html.sha256'), `${sha256(page, 'hex')}  verify.html\n`)
}
