import type { Libp2pOptions } from 'libp2p'

/** An interface-datastore Datastore, opened and closed by its owner. */
export type Datastore = NonNullable<Libp2pOptions['datastore']>
