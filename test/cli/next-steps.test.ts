/** Every error code on every surface: what it tells people to do next exists there. */
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { makeProgram } from '../../src/cli/program.js'
import { adviceFor } from '../../src/core/advice.js'
import { ERRORS, nextStep, type ErrorCode } from '../../src/core/errors.js'
import * as library from '../../src/index.js'
import { MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { NEXT as CONFLICT_NEXT } from '../../src/node/forks/list-conflicts.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import { STALL_SENTENCES } from '../../src/sync/stall-codes.js'
import { healthAdvice } from '../helpers/health-advice.js'

const SURFACES = ['cli', 'socket', 'library'] as const
const CODES = Object.keys(ERRORS) as ErrorCode[]
/** What only those understand who wrote the program. */
const INSIDE = /DESIGN|FAULTS|§|\bzod\b|\bI\d\b|the README|GCRA|undefined|\[object/
/** What looks like a method and is the name of a file. */
const FILES = ['config.json', 'node.sock', 'node.log', 'next.key', 'ledger.key']

const program = await makeProgram()

/** What is advised without an error: health and doctor, stalls, frozen ledgers. */
const advised = async (): Promise<string[]> => [
  ...Object.values(STALL_SENTENCES),
  ...Object.values(CONFLICT_NEXT),
  ...(await healthAdvice())
]

/** Problems of a command line that is named in backticks. */
function problemsOf(line: string): string[] {
  const words = line
    .replace(/^npx ledgermesh ?/, '')
    .split(' ')
    .filter((word) => word !== '' && !/^[<[].*[>\]…]$/.test(word))
  let command: Command = program
  const problems: string[] = []
  for (const word of words) {
    if (word.startsWith('--')) {
      if (word !== '--help' && ![...command.options, ...program.options].some(({ long }) => long === word))
        problems.push(`${command.name()} has no option ${word}`)
    } else {
      const next = command.commands.find((known) => known.name() === word)
      if (next !== undefined) command = next
      else if (command === program || command.commands.length > 0) problems.push(`there is no command ${word}`)
      else if (command.name() !== 'rpc' || !Object.hasOwn(METHODS, word))
        problems.push(`${word} is no argument that anybody can give`)
    }
  }
  return problems
}

const commandsIn = (text: string): string[] =>
  [...text.matchAll(/`(npx ledgermesh[^`]*|ledgermesh[^`]*)`/g)].map(([, line]) =>
    line!.replace(/^ledgermesh/, 'npx ledgermesh')
  )
const withoutCommands = (text: string): string => text.replaceAll(/`(?:npx )?ledgermesh[^`]*`/g, '')
const methodsIn = (text: string): string[] =>
  [...text.matchAll(/\b([a-z]+\.[a-z][A-Za-z.]*[A-Za-z])\b(?!\()/g)]
    .map(([, name]) => name!)
    .filter((name) => !FILES.includes(name))

function checkCli(next: string): void {
  expect(next).toMatch(/^.{15,}[.]$/s)
  expect(next).not.toMatch(INSIDE)
  expect(commandsIn(next).flatMap(problemsOf)).toEqual([])
  expect(methodsIn(withoutCommands(next)), 'methods of the socket').toEqual([])
  expect(withoutCommands(next)).not.toMatch(/createLedger|plugins|LedgerClient/)
  const flags = [...withoutCommands(next).matchAll(/--[a-z-]+/g)].map(([flag]) => flag)
  const all = [program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long))
  expect(flags.filter((flag) => !all.includes(flag))).toEqual([])
}

function checkSocket(next: string): void {
  expect(next).toMatch(/^.{15,}[.]$/s)
  expect(next).not.toMatch(INSIDE)
  expect(commandsIn(next).flatMap(problemsOf)).toEqual([])
  expect(methodsIn(withoutCommands(next)).filter((name) => !Object.hasOwn(METHODS, name))).toEqual([])
  for (const [, name, params] of next.matchAll(/`([a-z]+\.[a-zA-Z]+) \{([^}]*)\}`/g)) {
    const known = METHODS[name as keyof typeof METHODS].params.map((param): string => param.name)
    expect(params!.split(', ').filter((param) => !known.includes(param))).toEqual([])
  }
  expect(withoutCommands(next)).not.toMatch(/--[a-z]|createLedger|plugins/)
}

function checkLibrary(next: string): void {
  expect(next).toMatch(/^.{15,}[.]$/s)
  expect(next).not.toMatch(INSIDE)
  expect(commandsIn(next).flatMap(problemsOf)).toEqual([])
  expect(methodsIn(withoutCommands(next).replaceAll(/`ledger\.[^`]*`/g, '')), 'methods of the socket').toEqual([])
  expect(withoutCommands(next)).not.toMatch(/--[a-z]/)
  for (const [, name] of withoutCommands(next).matchAll(/`ledger\.(\w+)\(/g))
    expect(MeshLedger.prototype).toHaveProperty(name!)
  for (const [, plugin, path] of withoutCommands(next).matchAll(/`ledger\.plugins\.(\w+)\.([\w.]+)\(/g)) {
    expect((plugin === 'sync' ? syncPlugin() : interoperabilityPlugin()).methods).toHaveProperty(path!)
  }
  for (const [, name] of next.matchAll(/\b(createLedger|LedgerClient)\b/g)) expect(library).toHaveProperty(name!)
}

const CHECKS = { cli: checkCli, socket: checkSocket, library: checkLibrary }

describe.each(CODES)('%s', (code) => {
  test.each(SURFACES)('%s', (surface) => {
    expect(() => {
      CHECKS[surface](nextStep(code, surface))
    }).not.toThrow()
  })
})

test.each(SURFACES)('%s: what is advised without an error, too', async (surface) => {
  const texts = await advised()
  expect(texts.length).toBeGreaterThan(30)
  for (const text of texts)
    expect(() => {
      CHECKS[surface](adviceFor(surface, text))
    }).not.toThrow()
})
