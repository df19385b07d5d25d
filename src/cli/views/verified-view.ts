import { showCount, showJson } from '../format.js'
import { showPairs } from '../pairs.js'
import { visible } from '../visible.js'
import type { VerifiedFile } from '../verify-file.js'

export function showVerified(verified: VerifiedFile): string {
  switch (verified.file) {
    case 'proof': {
      const { ledger, name, access, network, size, root, entry } = verified.proof
      return showPairs([
        ['verdict', `valid: ${visible(name)} has entry ${entry.seq} among its first ${showCount(size, 'entry')}`],
        ['ledger', `${ledger} (${access})`],
        ['network', network],
        ['entry', `${entry.id} (${entry.stream} / ${entry.type})`],
        ['hash', entry.hash],
        ['root', root],
        [
          'payload',
          entry.payload_state === 'present'
            ? showJson(entry.payload)
            : entry.payload_state === 'malformed'
              ? 'malformed'
              : 'not in the file'
        ]
      ])
    }
    case 'evidence': {
      const { ledger, network, kind, seq, id } = verified.evidence
      return showPairs([
        [
          'verdict',
          `valid: the author of this ledger made statements that an honest author could not have made (${kind})`
        ],
        ['ledger', ledger],
        ['network', network],
        ['disputed', `from entry ${seq} on`],
        ['id', id]
      ])
    }
    case 'index-fault': {
      const { ledger, access, network, fault, index, tree, id } = verified.indexFault
      return showPairs([
        ['verdict', `valid: the author of this ledger signed an index that his own entries contradict (${fault})`],
        ['ledger', `${ledger} (${access})`],
        ['network', network],
        ['index', `entry ${index.seq}, over ${showCount(index.size, 'entry')}`],
        ['shown in', `the first ${showCount(tree.size, 'entry')}, root ${tree.root}, signed by ${tree.key}`],
        ['id', id]
      ])
    }
    case 'export': {
      const { ledger, name, access, network, entries, headHash, payloads, checkpoint } = verified.export
      return showPairs([
        [
          'verdict',
          `valid: all ${showCount(entries, 'entry')} of ${visible(name)} chain and are signed by keys in force`
        ],
        ['ledger', `${ledger} (${access})`],
        ['network', network],
        ['newest', headHash],
        ['payloads', `${payloads.present} present, ${payloads.absent} absent, ${payloads.none} entries without one`],
        [
          'checkpoint',
          checkpoint === null ? 'none' : `over ${showCount(checkpoint.size, 'entry')}, root ${checkpoint.root}`
        ]
      ])
    }
    case 'answer': {
      const { network, question, entries, sources, proved, complete } = verified.answer
      const { order, ...filter } = question
      return [
        showPairs([
          ['verdict', `valid: ${showCount(entries.length, 'entry')} under the checkpoints of their authors`],
          ['network', network],
          ['question', `${showJson(filter)}, ${order}`],
          [
            'complete',
            proved
              ? sources.every(({ by }) => by === 'chain')
                ? 'yes: every entry of every ledger is in the file'
                : 'yes: every entry is in the file, or the index of its author shows that nothing was left out'
              : `not proved by this file (its maker says ${complete ? 'yes' : 'no'})`
          ]
        ]),
        ...sources.map(
          ({ ledger, name, state, entries: count, as_of: tree, by }) =>
            `${ledger}  ${name === null ? '' : `${visible(name)}  `}${state}  ${
              tree === null
                ? 'nothing is shown of it'
                : `${showCount(count, 'entry')} among its first ${showCount(tree.size, 'entry')}${by === null ? '' : by === 'chain' ? ', none left out' : ', none left out by its index'}`
            }`
        )
      ].join('\n')
    }
  }
}
