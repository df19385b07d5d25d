/**
 * Checks the rows about other nodes: remotes, offers, tokens, and the progress of each. A row that cannot be read
 * counts as absent: an offer is made again, a receipt is sent again, a source of copies is read again.
 */
import { unlessDamaged } from '../read/unless-damaged.js'
import { chunks } from '../../store/chunks.js'
import { familyRange, type Family } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { parseObject } from '../read/records.js'
import type { DamageList } from './damage.js'

const FAMILIES = {
  remote: 'unreadable-remote',
  offer: 'unreadable-remote',
  token: 'unreadable-remote',
  plan: 'unreadable-remote',
  job: 'unreadable-remote',
  flow: 'unreadable-flow',
  adoption: 'unreadable-adoption'
} as const satisfies Partial<Record<Family, string>>
const LOST = {
  'unreadable-remote':
    'of a remote, its schedule and what it did, an offer or a token cannot be read: it counts as not there',
  'unreadable-flow': 'of how far a remote has come cannot be read: it is offered again',
  'unreadable-adoption': 'of what was adopted cannot be read: that ledger is gone through again'
} as const
/** Rows read in one step. */
const CHUNK = 256

export async function checkRemotes(
  store: Store,
  { damage, unreadable }: { damage: DamageList; unreadable: Buffer[] }
): Promise<void> {
  for (const family of Object.keys(FAMILIES) as (keyof typeof FAMILIES)[]) {
    for await (const chunk of chunks(store, familyRange(family), CHUNK)) {
      for (const [key, value] of chunk) {
        if (isReadable(value)) continue
        unreadable.push(key)
        damage.add(FAMILIES[family], null, null, `a row ${LOST[FAMILIES[family]]}`)
      }
    }
  }
}

function isReadable(value: Buffer): boolean {
  return unlessDamaged(() => parseObject(value, 'row')) !== null
}
