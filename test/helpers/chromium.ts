/**
 * Debian's Chromium without a window, driven over a pipe with its own protocol: no port that others could use, and no
 * package.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const PATH = '/usr/bin/chromium'

/** null: it is here. */
export const noChromium: string | null = existsSync(PATH)
  ? null
  : 'there is no Chromium on this machine (Debian: chromium)'

type Result = Record<string, unknown>
interface Message {
  id?: number
  sessionId?: string
  method?: string
  params?: Record<string, unknown>
  result?: Result
  error?: { message: string }
}

export class Chromium {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>()
  #sent = 0
  #rest = ''
  /** All events of pages, as they came. */
  readonly events: Message[] = []

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child
    this.#profile = profile
    ;(child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const parts = (this.#rest + text).split('\0')
      this.#rest = parts.pop()!
      for (const part of parts) this.#take(JSON.parse(part) as Message)
    })
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium ended'))
    })
  }

  static async start(): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'lm-chromium-'))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe']
    const child = spawn(PATH, [...flags, '--no-first-run', `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: profile }
    })
    return new Chromium(child, profile)
  }

  /** A page with what it loaded, logged and refused in `events`. */
  async open(url: string, { width = 1440, height = 900, dark = false } = {}): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const page = new Page(this, sessionId as string)
    for (const domain of ['Page', 'Runtime', 'Network', 'Log', 'DOM']) await page.send(`${domain}.enable`)
    await page.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
    await page.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
    })
    await page.send('Page.navigate', { url })
    await page.until('document.readyState === "complete" && location.href !== "about:blank"')
    return page
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#sent
    const answer = new Promise<Result>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    ;(this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return await answer
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #take(message: Message): void {
    if (message.id === undefined) {
      this.events.push(message)
      return
    }
    const waiting = this.#waiting.get(message.id)!
    this.#waiting.delete(message.id)
    if (message.error === undefined) waiting.resolve(message.result!)
    else waiting.reject(new Error(message.error.message))
  }
}

export class Page {
  readonly #browser: Chromium
  readonly #session: string

  constructor(browser: Chromium, session: string) {
    this.#browser = browser
    this.#session = session
  }

  async send(method: string, params: object = {}): Promise<Result> {
    return await this.#browser.send(method, params, this.#session)
  }

  /** The value of an expression in the page. */
  async value(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true
    })) as { result: { value: unknown }; exceptionDetails?: { text: string } }
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`)
    return result.value
  }

  /** Waits inside the page. */
  async until(expression: string): Promise<void> {
    for (;;) {
      if ((await this.value(expression)) === true) return
      await this.value('new Promise((resolve) => setTimeout(resolve, 20))')
    }
  }

  async giveFile(selector: string, path: string): Promise<void> {
    const { root } = (await this.send('DOM.getDocument')) as { root: { nodeId: number } }
    const { nodeId } = await this.send('DOM.querySelector', { nodeId: root.nodeId, selector })
    await this.send('DOM.setFileInputFiles', { nodeId, files: [path] })
  }

  async type(selector: string, text: string): Promise<void> {
    await this.value(`(document.querySelector(${JSON.stringify(selector)}).focus(), true)`)
    await this.send('Input.insertText', { text })
  }

  async picture(file: string): Promise<void> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })
    await writeFile(file, Buffer.from(data as string, 'base64'))
  }

  /** What this page asked of any network, or tried to; what it logged, and what its policy refused. */
  get events(): { requests: string[]; logged: string[] } {
    const mine = this.#browser.events.filter(({ sessionId }) => sessionId === this.#session)
    return {
      requests: mine.flatMap(({ method, params }) =>
        method === 'Network.requestWillBeSent' ? [(params as { request: { url: string } }).request.url] : []
      ),
      logged: mine.flatMap(({ method, params }) =>
        method === 'Log.entryAdded' || method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown'
          ? [JSON.stringify(params)]
          : []
      )
    }
  }
}
