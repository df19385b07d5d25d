/** What each system does and does not do in this work: without it the figures say little. */
export const NOTES = [
  'What is compared. Author and follower are processes of their own on loopback TCP, in fresh folders; encrypted connections (Noise) in all three. The records are the',
  'demo\'s. The clock of a catch-up runs from before the connection is opened; after it, every entry is read at the follower and compared by its id. "Read" is by number or hash.',
  '  Processes are fresh in each round, so the code of all three runs cold at first. The long catch-up leaves that behind sooner than the short one.',
  '  OrbitDB runs the short work only: it would take minutes for the long one. So that nobody is compared on less, all three run the short one.',
  "On disk when an append resolves. Ledgermesh: entry and indexes (id, stream, type, oids, time) in one batch, fsynced, then the signer's mark in a file of its own, fsynced:",
  '  two a call, whether of one entry or of a batch; callers that wait share them.',
  '  hypercore (RocksDB) and OrbitDB (LevelDB) wait for no fsync in an append (counted: only when opened, and when LevelDB begins a new file): what resolved survives a crash of',
  '  the process, not of the machine. Their appends do less, one by one most of all.',
  "  OrbitDB's pins and libp2p's memory of peers are kept in RAM here, which is the default of both.",
  'Signatures. Ledgermesh and OrbitDB sign every entry (Ed25519; secp256k1). hypercore signs the root of its Merkle tree once per append call: once for a batch of 1,000.',
  '  OrbitDB has no batches: its calls of "batches" and "64 callers" only do not wait for each other, and its queue takes them one at a time.',
  'Checks at the follower before an entry is readable. Ledgermesh: canonical form, hash chain and payload hash of each entry, one signature per range; all others are checked',
  "  behind it, which the next line shows. hypercore: each block against the signed Merkle root. OrbitDB: content hash, author's right and signature of each entry; nothing is readable earlier.",
  "A follower's disk. Ledgermesh fsyncs every 4 MiB while catching up and writes the indexes as well; the peers fsync nothing then (counted), and keep no indexes by content.",
  'What each sends. Ledgermesh: compressed ranges. hypercore: blocks with their tree nodes. OrbitDB: blocks by hash, those of a step together: 16 references back from each entry.',
  'Live. hypercore pushes its new length on the open stream and fetches; Ledgermesh and OrbitDB announce by gossipsub. Appends are 150 ms apart.'
]
