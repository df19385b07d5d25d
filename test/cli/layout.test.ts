import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitScreen, widthOf } from '../../src/cli/layout.js'
import { showPairs } from '../../src/cli/pairs.js'
import { showTable } from '../../src/cli/table.js'
import { visible } from '../../src/cli/visible.js'
import { LEDGER, PEER, HASH } from '../../src/rpc/methods/examples.js'

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

const word = fc.oneof(
  fc.stringMatching(/^[a-z]{1,12}$/),
  fc.stringMatching(/^[0-9]{1,6}$/),
  fc.constantFrom(
    LEDGER,
    PEER,
    HASH,
    '学校法人',
    'e\u0301te\u0301',
    '👩‍👩‍👧',
    '\u202eexe',
    'zero\u200bwidth',
    '\u3164',
    '\u{e0041}tag',
    '/ip4/203.0.113.7/tcp/7440'
  ),
  fc.stringMatching(/^[a-z]{30,60}$/)
)
const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '))
const columns = fc.integer({ min: 40, max: 200 })

/**
 * Every word of a screen is one that was given, in full, or the beginning of one: shortened as an id, or cut visibly.
 */
function checkWords(screen: string, given: string[]): void {
  const whole = new Set(given.flatMap((one) => visible(one).split(' ')))
  const ids = new Set([LEDGER.slice(0, 12), PEER.slice(0, 16), HASH.slice(0, 12)])
  for (const shown of screen.split(/\s+/).filter((one) => one !== '')) {
    const cutWord = shown.endsWith('…') && [...whole].some((one) => one.startsWith(shown.slice(0, -1)))
    if (!whole.has(shown) && !ids.has(shown) && !cutWord) throw new Error(`${JSON.stringify(shown)} is part of a word`)
  }
}

function tooLong(screen: string, columns: number): string[] {
  return screen
    .split('\n')
    .filter((line) => widthOf(line) > columns)
    .map((line) => line.trim())
}

describe('in any width', () => {
  test('tables fit, hide nothing, and break between words alone', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 7 })
          .chain((width) =>
            fc.tuple(
              fc.array(fc.stringMatching(/^[A-Z]{2,8}$/), { minLength: width, maxLength: width }),
              fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 4 })
            )
          ),
        columns,
        ([head, rows], wide) => {
          const screen = showTable(head, rows, wide)
          for (const line of screen.split('\n')) expect(line).not.toMatch(HIDDEN)
          // As a list of rows, a word longer than the screen stands whole.
          expect(tooLong(screen, wide).filter((line) => line.split(/ +/).length > 2)).toEqual([])
          checkWords(screen, [...head, ...head.map((one) => one.toLowerCase()), ...rows.flat()])
        }
      ),
      { numRuns: 300 }
    )
  })
  test('pairs and sentences, too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[a-z]{2,10}$/), text), { minLength: 1, maxLength: 5 }),
        columns,
        (pairs, wide) => {
          const screen = showPairs(pairs, wide)
          expect(tooLong(screen, wide).filter((line) => line.split(/ +/).length > 2)).toEqual([])
          checkWords(screen, pairs.flat())
          const sentence = pairs.map(([name, value]) => `${name}: ${visible(value)}`).join('\n  - ')
          const fitted = fitScreen(sentence, wide)
          expect(fitted.replaceAll(/\s+/g, ' ')).toBe(sentence.replaceAll(/\s+/g, ' '))
          expect(tooLong(fitted, wide).filter((line) => line.includes(' '))).toEqual([])
        }
      ),
      { numRuns: 300 }
    )
  })
})

test('whole ids where there is room, short ones where there is not, and every column at once', () => {
  expect(showTable(['LEDGER', 'NAME'], [[LEDGER, 'acme']], 80)).toBe(
    `LEDGER                                                 NAME\n${LEDGER}  acme`
  )
  expect(showTable(['LEDGER', 'NAME'], [[LEDGER, 'acme']], 40)).toBe(`LEDGER        NAME\n${LEDGER.slice(0, 12)}  acme`)
  expect(showTable(['A', 'B'], [[LEDGER, PEER]], 80)).toBe(`A${' '.repeat(54)}B\n${LEDGER}  ${PEER.slice(0, 16)}`)
})

test.each([
  ['acme\u202efdp.exe', 'acme\\u202efdp.exe'],
  ['a\u200bb', 'a\\u200bb'],
  ['\u001b[2J', '\\u001b[2J'],
  ['\u009b31m', '\\u009b31m'],
  ['two\nlines', 'two\\u000alines'],
  ['\u2028', '\\u2028'],
  ['\u115f\u3164', '\\u115f\\u3164'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['\ud800', '\\ud800'],
  ['\ufeff', '\\ufeff'],
  ['Ünïcode 学校 ✓', 'Ünïcode 学校 ✓']
])('%j is shown as %s', (given, shown) => {
  expect(visible(given)).toBe(shown)
  expect(JSON.parse(visible(JSON.stringify(given)))).toBe(given)
})

test('commands to be copied stay on one line', () => {
  const command = `  npx ledgermesh connect /ip4/203.0.113.7/tcp/7440/p2p/${PEER} --and --more words`
  expect(fitScreen(command, 40)).toBe(command)
})
