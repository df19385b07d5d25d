import type { GossipInside } from './gossip-inside.js'

/**
 * gossipsub opens its stream to a peer and then keeps it, without checking that the connection still lives: a peer that
 * was lost meanwhile leaves a dead stream behind, and never gets another one, because one exists already. Such a stream
 * is removed after it was opened, and before the next one is opened.
 */
export function forgetDeadLinks(inside: GossipInside): void {
  const open = inside.createOutboundStream.bind(inside)
  inside.createOutboundStream = async (peer, connection) => {
    const id = peer.toString()
    forgetIfDead(inside, id)
    await open(peer, connection)
    forgetIfDead(inside, id)
  }
}

function forgetIfDead({ streamsOutbound, floodsubPeers }: GossipInside, peer: string): void {
  if (streamsOutbound.get(peer)?.rawStream.writeStatus === 'writable') return
  streamsOutbound.delete(peer)
  floodsubPeers.delete(peer)
}
