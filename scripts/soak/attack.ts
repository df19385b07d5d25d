/** What attacks have in common. Each is a file of its own in attacks/, and a line in attacks/index.ts. */
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'

/**
 * The daemon (its first address, its own ledger), and how much is done at most: peers, streams, gossip records, forged
 * heads; peers of a flood at a time; seconds.
 */
export interface Target {
  addr: string
  peerId: string
  ledger: string
  connections: number
  streams: number
  records: number
  forged: number
  crowd: number
  seconds: number
}

/** Goes on until it has done what the target says, or it is over; says what was done, in numbers. */
export type Attack = (target: Target, over: () => boolean) => Promise<string>

export const turn = async (ms = 0): Promise<void> => {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

export async function stranger(): Promise<Libp2p> {
  return await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { maxDialQueueLength: 5_000 }
  })
}
