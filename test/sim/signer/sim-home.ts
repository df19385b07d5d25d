import type { SignerMark } from '../../../src/ledger/signer/signer-mark.js'
import type { SignerMemory } from '../../../src/sync/signer/types.js'
import type { SimEntry } from './stage.js'

/** What a home folder holds. A copy of it is a copy of all of it. */
export class SimHome {
  /** Another ledger than that of the mirrors: they have nothing of it. */
  elsewhere = false
  chain: SimEntry[] = []
  mark: SignerMark | null = null
  memory: SignerMemory = { witnesses: [], twin: null, seen: [] }
  issued = new Set<string>()
  /** Which machine and mark file these are, and which were noted when the key signed last. */
  machine = 'machine'
  noted: string | null = null
  /** Numbers of ledger.key and next.key. */
  keys = { ledger: 1, next: 2 }
  readonly peerKey: string

  constructor(peerKey: string) {
    this.peerKey = peerKey
  }

  copy(): SimHome {
    return Object.assign(new SimHome(this.peerKey), {
      chain: [...this.chain],
      mark: this.mark,
      memory: structuredClone(this.memory),
      issued: new Set(this.issued),
      machine: this.machine,
      noted: this.noted,
      keys: { ...this.keys }
    })
  }
}
