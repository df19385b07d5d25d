/** What an ambiguous handle can mean, as refusals list it. */
type Fact = string | number | boolean | null | string[]

interface Candidates {
  candidates?: Record<string, Fact>[]
  more?: number
}

/** Whole ids, to be copied from. */
const IDS = ['ledger', 'peer', 'id', 'hash']

/** One a line, each after a line break; empty when there are none. */
export function listCandidates({ candidates = [], more = 0 }: Candidates = {}): string {
  const lines = candidates.map((one) => {
    const ids = IDS.flatMap((name) => (typeof one[name] === 'string' ? [one[name]] : []))
    const facts = Object.entries(one)
      .filter(([name]) => !IDS.includes(name))
      .flatMap(([name, fact]) => describe(name, fact))
    return `- ${ids.join(' ')}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
  })
  if (more > 0) lines.push(`… and ${more} more`)
  return lines.map((line) => `\n${line}`).join('')
}

function describe(name: string, fact: Fact): string[] {
  if (fact === null || fact === false) return []
  if (fact === true) return [name]
  if (Array.isArray(fact)) return fact.map((one) => `${name} ${one}`)
  return [`${name} ${fact}`]
}
