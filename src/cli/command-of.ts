import type { Command } from 'commander'

/** The command that the words name, for example `trust attest`; empty: none. For messages after parsing failed. */
export function commandOf(program: Command, words: readonly string[]): string {
  const names: string[] = []
  let command = program
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    if (word === '--home' || word === '--socket') index++ // its value is no command
    else if (!word.startsWith('-')) {
      const next = command.commands.find((known) => known.name() === word || known.aliases().includes(word))
      if (next === undefined) break
      names.push(next.name())
      command = next
    }
  }
  return names.join(' ')
}
