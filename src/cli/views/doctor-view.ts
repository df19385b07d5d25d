import { adviceFor } from '../../core/advice.js'
import type { HealthReport } from '../../node/api/node.js'
import { showCount } from '../format.js'
import { visible } from '../visible.js'

type Check = HealthReport['checks'][number]

/** First what is wrong, each with what to do, then advice, then what is in order. */
export function showDiagnosis({ checks }: HealthReport): string {
  const wrong = checks.filter(({ ok }) => !ok)
  const advice = checks.filter(({ ok, next }) => ok && next !== null)
  const fine = checks.filter(({ ok, next }) => ok && next === null)
  const parts = [
    wrong.length === 0
      ? 'Nothing is wrong.'
      : `${showCount(wrong.length, 'thing')} ${wrong.length === 1 ? 'is' : 'are'} wrong:\n${wrong.map((check) => toDo('✗', check)).join('\n')}`
  ]
  if (advice.length > 0) parts.push(`Advice:\n${advice.map((check) => toDo('!', check)).join('\n')}`)
  if (fine.length > 0)
    parts.push(`In order:\n${fine.map(({ check, detail }) => `✓ ${visible(check)}: ${visible(detail)}`).join('\n')}`)
  return parts.join('\n\n')
}

function toDo(mark: string, { check, detail, next }: Check): string {
  return `${mark} ${visible(check)}: ${visible(detail)}${next === null ? '' : `\n  → ${visible(adviceFor('cli', next))}`}`
}
