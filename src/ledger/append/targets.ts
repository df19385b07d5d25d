/** What the references of new entries point to, and how they are written. */
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Reference } from '../../core/reference.js'
import { resolveReference, type AskedReference, type HeldEntries, type Resolution } from '../read/reference-target.js'
import type { AppendOptions, ReadInput, ReferenceInput } from './append-input.js'

/** `found`: null until the look-up has ended. What is there already is read without waiting for a turn. */
interface Target {
  found: Resolution | null
  finding: Promise<Resolution>
}

export interface TargetsInit {
  /** The entries that references may point to. */
  held: HeldEntries
  /** The ledger that is written. */
  own: LedgerId
  access: 'public' | 'private'
  /** The hash of an entry of this commit. */
  drafted: (id: string) => Hash | undefined
}

export class Targets {
  readonly #init: TargetsInit
  #targets = new Map<ReferenceInput, Target>()

  constructor(init: TargetsInit) {
    this.#init = init
  }

  /**
   * Looks up all of these, at once: one after the other, the store would mostly be waited for. Many of them are the same
   * and are looked up once.
   */
  find(references: readonly ReferenceInput[]): void {
    this.#targets = new Map()
    const byName = new Map<string, Target>()
    for (const asked of references) {
      const name = `${asked.ledgerId} ${asked.entryHash ?? ''} ${asked.entryId}` // only the last can have a blank
      let target = byName.get(name)
      if (target === undefined) byName.set(name, (target = lookUp(asked, this.#init.held)))
      this.#targets.set(asked, target)
    }
  }

  /**
   * The references as they are written. Throws REFERENCE_PRIVATE, REFERENCE_CONTRADICTED or REFERENCE_UNRESOLVED. A
   * promise only when something is not looked up yet.
   */
  resolve(references: ReadInput['references'], options: AppendOptions): Reference[] | Promise<Reference[]> {
    const resolutions: Resolution[] = []
    for (const asked of references) {
      const found = this.#isDrafted(asked) ? null : this.#targets.get(asked)?.found
      if (found == null) return this.#waitAndResolve(references, options)
      resolutions.push(found)
    }
    return this.#judge(references, resolutions, options)
  }

  async #waitAndResolve(references: ReadInput['references'], options: AppendOptions): Promise<Reference[]> {
    const resolutions: Resolution[] = []
    for (const asked of references) resolutions.push(await this.#resolution(asked))
    return this.#judge(references, resolutions, options)
  }

  #judge(
    references: ReadInput['references'],
    resolutions: Resolution[],
    { allowUnresolved = false, allowPrivateTarget = false }: AppendOptions
  ): Reference[] {
    const missing: { ledgerId: LedgerId; entryId: string }[] = []
    const resolved: Reference[] = []
    for (const [index, { ledgerId, entryId, referenceType, entryHash: given }] of references.entries()) {
      if (!allowPrivateTarget && this.#init.access === 'public' && this.#init.held.isPrivate(ledgerId))
        throw new LedgermeshError(
          'REFERENCE_PRIVATE',
          `reference ${index} is to the private ledger ${ledgerId}: this one is public, and would name it for ever`,
          { reference: index, ledger: ledgerId }
        )
      const resolution = resolutions[index]!
      if (resolution.state === 'contradicted')
        throw new LedgermeshError(
          'REFERENCE_CONTRADICTED',
          `reference ${index} is to ${entryId} of ${ledgerId}: a different entry is held here`,
          { reference: index, held: resolution.held, given: { ledgerId, entryId, entryHash: given } }
        )
      if (resolution.state === 'unresolved') missing.push({ ledgerId, entryId })
      resolved.push({
        entryHash: resolution.state === 'resolved' ? resolution.hash : (given ?? null),
        entryId,
        ledgerId,
        referenceType
      }) // in canonical order
    }
    if (missing.length > 0 && !allowUnresolved)
      throw new LedgermeshError(
        'REFERENCE_UNRESOLVED',
        `${missing.length} of ${references.length} references do not resolve here`,
        { missing }
      )
    return resolved
  }

  #isDrafted({ ledgerId, entryId }: AskedReference): boolean {
    return ledgerId === this.#init.own && this.#init.drafted(entryId) !== undefined
  }

  /** As found before the entries were built, unless one of this commit is meant: these count as held. */
  async #resolution(asked: ReferenceInput): Promise<Resolution> {
    const { held, drafted } = this.#init
    if (!this.#isDrafted(asked)) return await (this.#targets.get(asked)?.finding ?? resolveReference(asked, held))
    return await resolveReference(asked, {
      isHeld: () => true,
      isPrivate: (ledger) => held.isPrivate(ledger),
      byHash: async (hash) => await held.byHash(hash),
      byId: async (_, id) => await Promise.resolve(drafted(id) ?? null)
    })
  }
}

function lookUp(asked: AskedReference, held: HeldEntries): Target {
  const target: Target = { found: null, finding: resolveReference(asked, held) }
  target.finding.then(
    (found) => {
      target.found = found
    },
    () => {} // who asks for this reference hears of it
  )
  return target
}

/** In canonical order. */
export function asGiven({ entryHash, entryId, ledgerId, referenceType }: ReferenceInput): Reference {
  return { entryHash: entryHash ?? null, entryId, ledgerId, referenceType }
}
