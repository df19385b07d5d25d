import { existsSync, readdirSync } from 'node:fs'
import type { Command } from 'commander'
import { readKeyFile } from '../../config/key-file.js'
import { keyHash } from '../../core/chain.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { signingKeyFromSeed } from '../../core/keys.js'
import { showPairs } from '../format.js'
import { globalsOf, type Globals } from '../globals.js'
import { withClient } from '../with-client.js'

/** What the chain says about keys: hex. */
interface InForce { ledger: string, key: string, nextKeyHash: string | null }

export function addKeysCommand (program: Command): void {
  const keys = program.command('keys').description('The keys of the own ledger.')
  const show = keys.command('show').description('Which key signs, which one may replace it, and where they are. Never a secret.')
  show.action(async () => {
    const globals = globalsOf(show)
    const { json, paths } = globals
    const { ledger, key, nextKeyHash } = await keysInForce(globals)
    const signs = publicKeyIn(paths.ledgerKey)
    const next = publicKeyIn(paths.nextKey)
    const nextKey = nextKeyHash === null ? 'never' : next === null ? 'elsewhere' : keyHash(next) === nextKeyHash ? 'here' : 'wrong'
    const retired = readdirSync(paths.home).filter((name) => name.startsWith('ledger.key.retired-'))
    if (json) {
      console.log(JSON.stringify({ ledger, key, ledgerKey: signs === key ? 'here' : signs === null ? 'missing' : 'wrong', nextKeyHash, nextKey, retired }))
      return
    }
    const texts = {
      never: 'this ledger never rotates', elsewhere: `not here (good); it has the hash ${nextKeyHash ?? ''}`, wrong: `${paths.nextKey} is NOT the key that the ledger has committed to`,
      here: `${paths.nextKey}: move it to a safe place, away from this machine`
    }
    console.log(showPairs([
      ['ledger', ledger], ['in force', key],
      ['signs', signs === key ? paths.ledgerKey : signs === null ? 'the ledger key is missing: `npx ledgermesh keys rotate` with the next key' : `${paths.ledgerKey} is NOT the key in force: nothing can be signed`],
      ['next', texts[nextKey]], ...retired.length === 0 ? [] : [['retired', `${retired.join(', ')}: signs nothing any more; delete it when the rotation has reached your mirrors`] as [string, string]]
    ]))
  })
  const rotate = keys.command('rotate').description('Replace the ledger key by the next key, while the node is stopped; a new next key is made.')
    .option('--next-key <file>', 'Where the next key is kept. Default: next.key in the home folder.')
  rotate.action(async () => {
    const { json, paths } = globalsOf(rotate)
    const { nextKey } = rotate.opts<{ nextKey?: string }>()
    const { rotateKeys } = await import('../../node/rotate-keys.js')
    const { silentLog, systemClock, systemRandom } = await import('../../node/system.js')
    const rotated = await rotateKeys({ home: paths.home, nextKeyFile: nextKey, clock: systemClock, random: systemRandom, log: silentLog })
    console.log(json ? JSON.stringify(rotated) : showPairs([
      ['rotated', `entry ${rotated.seq}; the key in force is ${rotated.key}`], ['retired', rotated.retired ?? 'the old key was not here'],
      ['rescue', `${paths.nextKey} is new: the only key that can replace the ledger key now. Move it to a safe place`]]))
  })
}

async function keysInForce (globals: Globals): Promise<InForce> {
  try {
    return await withClient(globals, async (client) => {
      const newest = async (type: string): Promise<{ ledger: string, header: string } | null> => {
        const { entries: [entry] } = await client.call('ledger.query', { type, order: 'desc', limit: 1 })
        return entry === undefined ? null : { ledger: entry.ledger, header: entry.raw.header }
      }
      const entry = await newest('ledger.rotate-key') ?? await newest('ledger.genesis')
      if (entry === null) throw new LedgermeshError('NOT_FOUND', 'the own ledger is empty')
      const { key, meta } = JSON.parse(entry.header) as { key: string, meta: { next_key_hash: string | null } }
      return { ledger: entry.ledger, key, nextKeyHash: meta.next_key_hash }
    })
  } catch (error) {
    if (!isCoded(error, 'NODE_UNREACHABLE')) throw error
    return await readStore(globals)
  }
}

async function readStore ({ paths }: Globals): Promise<InForce> {
  if (!existsSync(paths.db)) throw new LedgermeshError('BAD_FILE', `there is no ledger in ${paths.home}: make one with \`npx ledgermesh init\` or \`npx ledgermesh start\``)
  const { openStoreAsIs } = await import('../../store/store.js')
  const { ownChain } = await import('../../ledger/own-chain.js')
  const { silentLog } = await import('../../node/system.js')
  const store = await openStoreAsIs(paths.db, { log: silentLog })
  try {
    const chain = await ownChain(store)
    if (chain === null) throw new LedgermeshError('NOT_FOUND', `there is no ledger in ${paths.home}`)
    return { ledger: chain.ledger, key: chain.key, nextKeyHash: chain.nextKeyHash }
  } finally {
    await store.close()
  }
}

function publicKeyIn (file: string): string | null {
  return existsSync(file) ? signingKeyFromSeed(readKeyFile(file)).publicKey : null
}
