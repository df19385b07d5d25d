/** Exports and evidence begin with the ledger's key entries, whose first one, the genesis, says who may read it. */
interface WithKeyEntries {
  key_entries: { header: string }[]
}
interface GenesisHeader {
  meta: { access: string }
}

/** `text`: evidence, or the first line of an export, that the own node gave. */
export function ofPrivateLedger(text: string): boolean {
  const {
    key_entries: [genesis]
  } = JSON.parse(text) as WithKeyEntries
  return (JSON.parse(genesis!.header) as GenesisHeader).meta.access === 'private'
}
