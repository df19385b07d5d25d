/** `verify.html`: a person names a ledger and a file; the page says what the file shows of that ledger. */
import { isLedgerId, type LedgerId } from '../../dist/src/core/ledger-id.js'
import { nextStep, isCoded } from '../../dist/src/core/errors.js'
import { checkFile } from '../../dist/src/page/check-file.js'
import { standing, type Finding, type Standing } from '../../dist/src/page/findings.js'
import { foreign } from '../foreign.js'

/** How long the page works before it lets the browser draw, ms. */
const WORK_MS = 50
/** Characters of an error's message. */
const MESSAGE = 500

const expected = byId('expected') as HTMLTextAreaElement
const chosen = byId('file') as HTMLInputElement
const drop = byId('drop')
const result = byId('result')

const HEADLINES: Record<Standing, string> = {
  holds: 'It holds.',
  unnamed: 'It holds, but for whom?',
  partly: 'It holds, also for ledgers that you did not name.',
  another: 'This is about another ledger.'
}

/** The newest check: an older one that ends later says nothing. */
let turn = 0
let finding: Finding | null = null

chosen.addEventListener('change', () => {
  if (chosen.files?.[0] !== undefined) void check(chosen.files[0])
})
expected.addEventListener('input', () => {
  readExpected()
  if (finding !== null) show(finding)
})
for (const kind of ['dragenter', 'dragover'])
  drop.addEventListener(kind, (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
drop.addEventListener('dragleave', () => drop.classList.remove('over'))
// a file that is dropped beside must not replace the page
for (const kind of ['dragover', 'drop']) document.addEventListener(kind, (event) => event.preventDefault())
drop.addEventListener('drop', (event) => {
  drop.classList.remove('over')
  const file = (event as DragEvent).dataTransfer?.files[0]
  if (file !== undefined) void check(file)
})

async function check(file: File): Promise<void> {
  const mine = ++turn
  finding = null
  let rested = performance.now()
  say('', 'Checking …', [paragraph(foreign(file.name, 64))])
  try {
    const found = await checkFile(chunksOf(file), async (count) => {
      if (performance.now() - rested < WORK_MS) return
      if (mine === turn) say('', 'Checking …', [paragraph(`${count} entries so far`)])
      await new Promise((resolve) => setTimeout(resolve))
      rested = performance.now()
      if (mine !== turn) throw new Superseded()
    })
    if (mine !== turn) return
    finding = found
    show(found)
  } catch (error) {
    if (error instanceof Superseded || mine !== turn) return
    const next = isCoded(error) ? nextStep(error.code, 'library') : ''
    say('refused', 'It does not hold.', [
      paragraph(foreign(file.name, 64)),
      paragraph(foreign(error instanceof Error ? error.message : String(error), MESSAGE)),
      paragraph(next)
    ])
  }
  result.focus()
}

class Superseded extends Error {}

function show(found: Finding): void {
  const { ids } = readExpected()
  const stands = standing(found, ids)
  const parts: HTMLElement[] = [paragraph(found.headline)]
  if (stands === 'unnamed')
    parts.push(
      paragraph(
        'You have not said whose ledger it should be. Anybody can make a ledger, with any name: compare the id below with the one that you know, by typing it above.'
      )
    )
  if (stands === 'another')
    parts.push(paragraph('What it says may be true, but it says it of a ledger that you did not name.'))
  const list = document.createElement('dl')
  for (const { label, text, most, isLedger } of found.rows) {
    const term = document.createElement('dt')
    term.textContent = label
    const value = document.createElement('dd')
    value.append(foreign(text, most))
    if (isLedger && ids.length > 0) value.append(ids.includes(text) ? ' ✓ the one you named' : ' ✗ not one you named')
    list.append(term, value)
  }
  const limits = paragraph(`What it does not show: ${found.limits}`)
  limits.className = 'limits'
  say(stands, HEADLINES[stands], [...parts, list, limits])
}

function say(className: string, headline: string, parts: HTMLElement[]): void {
  const heading = document.createElement('h2')
  heading.textContent = headline
  result.className = className
  result.hidden = false
  result.replaceChildren(heading, ...parts)
}

/** What was typed that is a ledger id; says what is not. */
function readExpected(): { ids: LedgerId[] } {
  const words = expected.value.split(/\s+/).filter((word) => word !== '')
  const wrong = words.filter((word) => !isLedgerId(word))
  byId('id-problem').textContent =
    wrong.length === 0 ? '' : 'That is no ledger id: one has 53 characters, a b and then a–z and 2–7.'
  return { ids: words.filter(isLedgerId) }
}

function paragraph(content: string | Node): HTMLElement {
  const element = document.createElement('p')
  element.append(content)
  return element
}

async function* chunksOf(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
}

function byId(id: string): HTMLElement {
  return document.getElementById(id)!
}
