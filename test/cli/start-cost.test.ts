/** What a command loads before it does anything is most of what a short command costs. */
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { makeProgram } from '../../src/cli/program.js'
import { bundle } from '../helpers/bundle.js'

/** What `--help` says of a command and of those below it. */
function describeCommand(command: Command): string {
  return [command.helpInformation(), ...command.commands.map(describeCommand)].join('\n')
}

describe('a command is loaded when it is meant', () => {
  test('each one is the same alone as among all', async () => {
    const all = await makeProgram()
    expect(all.commands.length).toBeGreaterThan(40)
    for (const command of all.commands) {
      const alone = await makeProgram(['--home', '/nowhere', '--json', command.name(), '--whatever'])
      expect(alone.commands.map((found) => found.name())).toEqual([command.name()])
      expect(describeCommand(alone.commands[0]!)).toBe(describeCommand(command))
    }
  })
  test.each([
    [['--help']],
    [['-h', 'status']],
    [['help', 'status']],
    [['folow']],
    [[]],
    [['--home', 'status']],
    [['--']],
    [['__proto__']]
  ])('%j: all of them', async (args) => {
    expect((await makeProgram(args)).commands.length).toBe((await makeProgram()).commands.length)
  })
  test.each([[['--version']], [['--json', '-V']]])('%j: none', async (args) => {
    expect((await makeProgram(args)).commands).toEqual([])
  })
})

test.each(['main', 'commands/status', 'commands/id', 'commands/stop'])(
  '%s does not load what describes the methods, nor the node',
  async (file) => {
    const { modules } = await bundle(`dist/src/cli/${file}.js`, 'node')
    expect(modules.length).toBeGreaterThan(2)
    expect(
      modules.filter((module) =>
        /node_modules\/(?:zod|libp2p|level|pino)\/|src\/(?:rpc\/methods|store|ledger|network)\//.test(module)
      )
    ).toEqual([])
  }
)
