/** What each of the three does in the benchmark: the same work, behind one interface. */
import type { AppendInput } from '../../../src/node/api/node.js'

/** `address`: what a follower needs to connect; only its own system understands it. */
export interface Author {
  address: Record<string, string>
  append: (record: AppendInput) => Promise<unknown>
  /** The system's own way to append many; where there is none, calls that do not wait for each other. */
  appendBatch: (records: AppendInput[]) => Promise<unknown>
  close: () => Promise<void>
}

export interface Follower {
  /** Connects; resolves as soon as the first `count` entries can be read here. From then on it follows live. */
  catchUp: (address: Record<string, string>, count: number) => Promise<void>
  /** Resolves when the signature of each of them has been checked; absent where catching up includes it. */
  allChecked?: (count: number) => Promise<void>
  /**
   * The record that was appended as number `index` (0 is the first), once it can be read here: read with the system's
   * own call.
   */
  read: (index: number) => Promise<{ id?: string | null }>
  close: () => Promise<void>
}

/** Both open in an empty folder. */
export interface System {
  author: (folder: string) => Promise<Author>
  follower: (folder: string, address: Record<string, string>) => Promise<Follower>
}

export const SYSTEMS = ['ledgermesh', 'hypercore', 'orbitdb'] as const
export type SystemName = (typeof SYSTEMS)[number]
