import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where a node keeps what. One folder holds all of it. */
export interface Paths {
  home: string
  /** Settings; absent: the defaults. */
  config: string
  /** The ledgers (LevelDB). */
  db: string
  /** libp2p's own store: known peers, DHT records. */
  libp2p: string
  /** Secret: signs the own ledger. */
  ledgerKey: string
  /** Secret: the only key that may replace the ledger key. Keep it elsewhere. */
  nextKey: string
  /** Secrets of a rotation that is not finished: the new ledger key and the new next key. */
  rotatingLedgerKey: string
  rotatingNextKey: string
  /** Secret: the node's identity on the network. */
  peerKey: string
  /** The signer's mark (I2). */
  signer: string
  /** Who showed our newest entry, and records of twins (FAULTS R3, R4). */
  witnesses: string
  /** Which machine and mark file signed last, and starts on the operator's word alone. */
  machine: string
  /** Hashes of the node records that this home issued. */
  ownRecords: string
  /** Hashes of the access tokens (HTTP). Never in a backup: it would bring back what was revoked. */
  httpTokens: string
  rpcDir: string
  socket: string
}

/** `home` given, else $LEDGERMESH_HOME, else ~/.ledgermesh. */
export function homeFolder(home?: string): string {
  return resolve(home ?? process.env.LEDGERMESH_HOME ?? join(homedir(), '.ledgermesh'))
}

export function paths(home: string): Paths {
  return {
    home,
    config: join(home, 'config.json'),
    db: join(home, 'db'),
    libp2p: join(home, 'libp2p'),
    ledgerKey: join(home, 'ledger.key'),
    nextKey: join(home, 'next.key'),
    rotatingLedgerKey: join(home, 'ledger.key.rotating'),
    rotatingNextKey: join(home, 'next.key.rotating'),
    peerKey: join(home, 'peer.key'),
    signer: join(home, 'signer.json'),
    witnesses: join(home, 'witnesses.json'),
    machine: join(home, 'machine.json'),
    ownRecords: join(home, 'own-records.json'),
    httpTokens: join(home, 'http-tokens.json'),
    rpcDir: join(home, 'rpc'),
    socket: join(home, 'rpc', 'node.sock')
  }
}
