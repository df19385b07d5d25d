/** `verify.html` in a real Chromium, opened from the disk. Left out, with a word, where there is none. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Chromium, noChromium, type Page } from '../helpers/chromium.js'
import { HOSTILE, hostileFiles, type HostileFiles } from './hostile-files.js'

const BROWSER_TIMEOUT_MS = 110_000
const { verifyPage } = (await import(pathToFileURL('scripts/package/verify-page.js').href)) as {
  verifyPage: () => Promise<string>
}
const html = await verifyPage()
let browser: Chromium | null = null
let folder = ''
let files: HostileFiles

beforeAll(async () => {
  if (noChromium !== null) {
    console.warn(`verify.html is not tried: ${noChromium}`)
    return
  }
  folder = await mkdtemp(join(tmpdir(), 'lm-page-'))
  files = await hostileFiles()
  for (const [name, text] of Object.entries({ 'verify.html': html, ...files.texts }))
    await writeFile(join(folder, name), text)
  browser = await Chromium.start()
}, BROWSER_TIMEOUT_MS)

afterAll(async () => {
  await browser?.close()
  if (folder !== '') await rm(folder, { recursive: true, force: true })
})

const result = async (page: Page): Promise<{ kind: string; text: string }> =>
  (await page.value(
    "(({className, innerText}) => ({kind: className, text: innerText}))(document.querySelector('#result'))"
  )) as never

/** Gives the page a file, and waits for what it says of it. */
async function look(page: Page, file: string): Promise<{ kind: string; text: string }> {
  await page.value("(document.querySelector('#result').className = 'waiting', true)")
  await page.giveFile('#file', join(folder, file))
  await page.until("!['', 'waiting'].includes(document.querySelector('#result').className)")
  return await result(page)
}

test('two builds are the same bytes; the policy allows this script and this style, and no network', async () => {
  expect(await verifyPage()).toBe(html)
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; /)
  expect(policy).not.toMatch(/unsafe|http|data:|blob:/)
  // nothing in it asks anybody, or makes elements of a text
  expect(html).not.toMatch(
    /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|innerHTML|eval)\b|<(?:link|img|iframe)\b/
  )
})

test.skipIf(noChromium !== null)(
  'from the disk: what holds for whom, what does not, and hostile names as text',
  async () => {
    const page = await browser!.open(pathToFileURL(join(folder, 'verify.html')).href, { width: 360, height: 800 })
    const unnamed = await look(page, 'proof.json')
    expect(unnamed.kind).toBe('unnamed')
    expect(unnamed.text).toContain(files.ledger)
    // the name is the very id that a victim expects, and changes nothing
    await page.type('#expected', files.expected)
    expect(await result(page)).toMatchObject({ kind: 'another' })
    expect((await result(page)).text).not.toContain('✓')
    await page.type('#expected', ` ${files.ledger}`)
    const named = await result(page)
    expect(named.kind).toBe('holds')
    expect(named.text.match(/✓/g)).toHaveLength(1)
    expect(named.text).toContain('<img src=x onerror=alert(1)>\\u202egnp.exe\\u2028')
    expect(named.text).not.toContain(HOSTILE)
    expect(await page.value("document.querySelectorAll('#result img, #result script, #result a').length")).toBe(0)
    // no text is wider than the screen, and none tells another direction to what stands beside it
    expect(await page.value('document.documentElement.scrollWidth <= 360')).toBe(true)
    expect(
      await page.value("[...document.querySelectorAll('dd')].every(({firstChild}) => firstChild.localName === 'bdi')")
    ).toBe(true)

    expect(await look(page, 'tampered.json')).toMatchObject({ kind: 'refused' })
    expect((await look(page, 'export.jsonl')).text).toContain('All 3 entries chain')
    expect((await look(page, 'cut.jsonl')).kind).toBe('refused')
    expect((await look(page, 'answer.json')).text).toContain('under the checkpoint of its ledger')
    expect((await look(page, 'fault.json')).text).toContain('an index that his own entries contradict')
    expect((await look(page, 'evidence.json')).text).toContain('could not have made together')
    expect(await look(page, 'other.txt')).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('is no proof')
    })
    await page.type('#expected', ' acme')
    expect(await page.value("document.querySelector('#id-problem').textContent")).toContain('no ledger id')
    expect(page.events).toEqual({ requests: [expect.stringMatching(/^file:.*verify\.html$/)], logged: [] })
  },
  BROWSER_TIMEOUT_MS
)

test.skipIf(noChromium !== null)(
  'what got into the page could neither ask the network nor make elements of a text',
  async () => {
    const page = await browser!.open(pathToFileURL(join(folder, 'verify.html')).href)
    let asked = 0
    const server = createServer(() => asked++).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const refused = (code: string): string =>
      `new Promise((resolve) => { document.addEventListener('securitypolicyviolation', ({effectiveDirective}) => resolve(effectiveDirective), {once: true}); try { ${code} } catch {} })`
    expect(await page.value(refused(`fetch('${url}').catch(() => 0)`))).toBe('connect-src')
    expect(await page.value(refused(`new Image().src = '${url}'`))).toBe('img-src')
    expect(await page.value(refused("document.body.innerHTML = '<b>'"))).toBe('require-trusted-types-for')
    expect(await page.value(refused("Object.assign(document.createElement('script'), {text: '1'})"))).toBe(
      'require-trusted-types-for'
    )
    expect(asked).toBe(0)
  },
  BROWSER_TIMEOUT_MS
)
