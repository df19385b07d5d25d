import { dhtProtocol } from '../../../src/network/libp2p-node.js'
import { NETWORK } from '../../../test/core/author.js'
import { prefixed } from '../../../test/helpers/gossip-frames.js'
import { random } from '../../../test/network/fixture.js'
import type { Attack } from '../attack.js'
import { flood, told } from '../flood.js'

const PIECE_BYTES = 64 * 1024

/** Bytes without end on the protocols that only wait for a few: nothing of what comes back is read. */
const bytes =
  (protocol: string): Attack =>
  async ({ addr, crowd }, over) => {
    const piece = Buffer.concat(Array.from({ length: 16 }, () => prefixed(random.bytes(PIECE_BYTES / 16))))
    return told(await flood(addr, protocol, crowd, over, () => piece))
  }

export const pings = bytes('/ipfs/ping/1.0.0')
export const identifies = bytes('/ipfs/id/1.0.0')
export const pushes = bytes('/ipfs/id/push/1.0.0')
export const dhtBytes = bytes(dhtProtocol(NETWORK))
