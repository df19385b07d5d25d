import type { RuleStatus } from '../../node/api/conflicts.js'
import { showPairs } from '../pairs.js'

export function showRules(rules: RuleStatus[]): string {
  if (rules.length === 0) return 'No rules are set: entries are not compared.'
  return rules
    .map((rule) =>
      showPairs([
        ['rule', rule.name],
        ['entries', entriesOf(rule)],
        ['key', rule.key.join(', ')],
        [
          'of',
          rule.scope === 'held' ? 'all ledgers held' : rule.adopted ? ['own and adopted:', ...rule.scope] : rule.scope
        ],
        ['writers', rule.writers.length === 0 ? 'nobody' : rule.writers],
        ['resolvers', rule.resolvers],
        ['strategy', strategyOf(rule)],
        ['looked at', rule.complete ? 'everything' : 'not everything yet']
      ])
    )
    .join('\n\n')
}

function entriesOf({ match: { streams, types } }: RuleStatus): string {
  const parts = [
    ...(streams === null ? [] : [`of stream ${streams.join(', ')}`]),
    ...(types === null ? [] : [`of type ${types.join(', ')}`])
  ]
  return parts.length === 0 ? 'all' : parts.join(' and ')
}

function strategyOf({ strategy, priority, otherwise, merge }: RuleStatus): string[] {
  const method =
    merge === null
      ? []
      : 'command' in merge
        ? [`by ${merge.command.join(' ')}`]
        : Object.entries(merge.fields).map(([pointer, how]) => `${pointer}: ${how}`)
  return [strategy, ...priority, ...(strategy === 'source-priority' ? [`otherwise ${otherwise}`] : []), ...method]
}
