/**
 * The peer store, limited to few addresses per peer from every source: identify, the DHT, records, dials (FAULTS S1).
 * libp2p's own keeps all addresses that it receives, with a quadratic search, and passes them on.
 */
import type { Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { classOf } from './dialling/address-class.js'
import { MAX_ADDRESSES } from './dht/cut-message.js'

/** Protocols of a peer: nodes of this software have some twenty. */
const MAX_PROTOCOLS = 128
/**
 * How many of a peer's first unsigned addresses stay when new ones arrive, so that neither the first nor the last
 * source of false addresses can fill all places.
 */
const MAX_OLD = MAX_ADDRESSES / 2

type Told = { multiaddr: Multiaddr; isCertified: boolean }

/** Changes the store object that libp2p and its services hold already: its own methods call each other through it. */
export function capPeerStore(store: PeerStore, self: PeerId): void {
  const [merge, patch, save] = [store.merge.bind(store), store.patch.bind(store), store.save.bind(store)]
  store.patch = async (id, data, options) => await patch(id, self.equals(id) ? data : cut(data), options)
  store.save = async (id, data, options) => await save(id, self.equals(id) ? data : cut(data), options)
  store.merge = async (id, data, options) => {
    if (self.equals(id)) return await merge(id, data, options)
    const { told = [], rest } = split(data)
    const known = told.length === 0 ? [] : await addressesOf(store, id)
    const fresh = told.filter(
      ({ multiaddr, isCertified }) =>
        !known.some((one) => one.multiaddr.equals(multiaddr) && (one.isCertified || !isCertified))
    )
    if (fresh.length === 0) return await merge(id, rest, options)
    if (known.length + fresh.length <= MAX_ADDRESSES) return await merge(id, { ...rest, addresses: fresh }, options)
    const all = [...known.filter((one) => !fresh.some(({ multiaddr }) => multiaddr.equals(one.multiaddr))), ...fresh]
    const certified = all.filter(({ isCertified }) => isCertified).slice(-MAX_ADDRESSES)
    const old = known.filter((one) => all.includes(one) && !one.isCertified).slice(0, MAX_OLD)
    const newest = all.filter((one) => !one.isCertified && !old.includes(one)).toReversed()
    await merge(id, rest, options)
    return await patch(id, { addresses: [...certified, ...old, ...newest].slice(0, MAX_ADDRESSES) }, options)
  }
}

function cut<T extends Partial<PeerData>>(data: T): Omit<T, 'multiaddrs' | 'addresses'> & { addresses?: Told[] } {
  const { told, rest } = split(data)
  return { ...rest, ...(told === undefined ? {} : { addresses: told }) }
}

/**
 * `told`: `multiaddrs` and `addresses` in one list, each once, without addresses of a class that is never dialled;
 * undefined: neither was given.
 */
function split<T extends Partial<PeerData>>({
  multiaddrs,
  addresses,
  ...rest
}: T): { told?: Told[]; rest: Omit<T, 'multiaddrs' | 'addresses'> } {
  const short = {
    ...rest,
    ...(rest.protocols === undefined ? {} : { protocols: rest.protocols.slice(0, MAX_PROTOCOLS) })
  }
  if (multiaddrs === undefined && addresses === undefined) return { rest: short }
  const told = new Map<string, Told>()
  for (const { multiaddr, isCertified = false } of [
    ...(addresses ?? []).slice(0, MAX_ADDRESSES),
    ...(multiaddrs ?? []).slice(0, MAX_ADDRESSES).map((one) => ({ multiaddr: one }) as Told)
  ]) {
    const text = multiaddr.toString()
    if (!told.has(text) && classOf(multiaddr) !== 'never') told.set(text, { multiaddr, isCertified })
  }
  return { told: [...told.values()].slice(0, MAX_ADDRESSES), rest: short }
}

async function addressesOf(store: PeerStore, id: PeerId): Promise<Peer['addresses']> {
  try {
    return (await store.get(id)).addresses
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return []
    throw error
  }
}
