import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readKeyFile } from '../../config/key-file.js'
import { keyHash } from '../../core/chain.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { signingKeyFromSeed } from '../../core/keys.js'
import { showPairs } from '../pairs.js'
import type { Rotated } from '../../node/api/node.js'
import { globalsOf, type Globals } from '../globals.js'
import { withClient } from '../with-client.js'
import { answer, remark } from '../print.js'

/** What the chain says about keys: hex. */
interface InForce {
  ledger: string
  key: string
  nextKeyHash: string | null
}

export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('The keys of the own ledger.')
  const show = keys
    .command('show')
    .description('Which key signs, which one may replace it, and where they are. Never a secret.')
  show.action(async () => {
    const globals = globalsOf(show)
    const { json, paths } = globals
    const { ledger, key, nextKeyHash } = await keysInForce(globals)
    const signs = publicKeyIn(paths.ledgerKey)
    const next = publicKeyIn(paths.nextKey)
    const nextKey =
      nextKeyHash === null ? 'never' : next === null ? 'elsewhere' : keyHash(next) === nextKeyHash ? 'here' : 'wrong'
    const retired = readdirSync(paths.home).filter((name) => name.startsWith('ledger.key.retired-'))
    const texts = {
      never: 'this ledger never rotates',
      elsewhere: `not here (good); it has the hash ${nextKeyHash ?? ''}`,
      wrong: `${paths.nextKey} is NOT the key that the ledger has committed to`,
      here: `${paths.nextKey}: move it to a safe place, away from this machine`
    }
    const report = {
      ledger,
      key,
      ledgerKey: signs === key ? 'here' : signs === null ? 'missing' : 'wrong',
      nextKeyHash,
      nextKey,
      retired
    }
    answer(json, report, () =>
      showPairs([
        ['ledger', ledger],
        ['in force', key],
        [
          'signs',
          signs === key
            ? paths.ledgerKey
            : signs === null
              ? 'the ledger key is missing: `npx ledgermesh keys rotate --offline` with the next key'
              : `${paths.ledgerKey} is NOT the key in force: nothing can be signed`
        ],
        ['next', texts[nextKey]],
        ...(retired.length === 0
          ? []
          : [
              [
                'retired',
                `${retired.join(', ')}: no longer signs; delete it when the rotation has reached your mirrors`
              ] as [string, string]
            ])
      ])
    )
  })
  const rotate = keys
    .command('rotate')
    .description('Replace the ledger key by the next key, in the running node; a new next key is made.')
    .option('--next-key <file>', 'Where the next key is kept. Default: next.key in the home folder.')
    .option(
      '--offline',
      'While no node runs: you confirm that this home is not older than its ledger. A second rotation by one key ends a ledger for good.'
    )
  rotate.action(async () => {
    const globals = globalsOf(rotate)
    const { json, paths } = globals
    const { nextKey, offline = false } = rotate.opts<{ nextKey?: string; offline?: boolean }>()
    if (!existsSync(paths.db)) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${paths.home}`)
    const rotated = (await rotateInNode(globals, nextKey, offline)) ?? (await rotateOffline(globals, nextKey))
    answer(json, rotated, () =>
      showPairs([
        ['rotated', `entry ${rotated.seq}; the key in force is ${rotated.key}`],
        ['retired', rotated.retired ?? 'the old key was not here'],
        ['rescue', `${paths.nextKey} is new: the only key that can replace the ledger key now. Move it to a safe place`]
      ])
    )
  })
}

/** null: no node runs, and the operator said --offline. */
async function rotateInNode(globals: Globals, nextKey: string | undefined, offline: boolean): Promise<Rotated | null> {
  try {
    return await withClient(globals, (client) =>
      client.call('keys.rotate', nextKey === undefined ? {} : { nextKeyFile: resolve(nextKey) })
    )
  } catch (error) {
    if (!isCoded(error, 'NODE_UNREACHABLE')) throw error
    if (offline) return null
    throw new LedgermeshError(
      'NODE_UNREACHABLE',
      `${error.message}. A rotation goes through the running node, which first asks other nodes whether this home is older than its ledger: a second rotation by one key ends a ledger for good. With --offline no node is asked`,
      undefined,
      { cause: error }
    )
  }
}

async function rotateOffline({ paths }: Globals, nextKey: string | undefined): Promise<Rotated> {
  const { rotateKeys } = await import('../../node/home/rotate-keys.js')
  const { silentLog, systemClock, systemRandom } = await import('../../node/runtime/system.js')
  remark(
    'Offline: no node runs, so no other node is asked whether this home is older than its ledger; you confirm that it is not.'
  )
  return await rotateKeys({
    home: paths.home,
    nextKeyFile: nextKey,
    clock: systemClock,
    random: systemRandom,
    log: silentLog
  })
}

async function keysInForce(globals: Globals): Promise<InForce> {
  try {
    return await withClient(globals, async (client) => {
      const newest = async (type: string): Promise<{ ledger: string; header: string } | null> => {
        const {
          entries: [entry]
        } = await client.call('ledger.query', { type, order: 'desc', limit: 1 })
        return entry === undefined ? null : { ledger: entry.ledger, header: entry.raw.header }
      }
      const entry = (await newest('ledger.rotate-key')) ?? (await newest('ledger.genesis'))
      if (entry === null) throw new LedgermeshError('NOT_FOUND', 'the own ledger is empty')
      const { key, meta } = JSON.parse(entry.header) as { key: string; meta: { next_key_hash: string | null } }
      return { ledger: entry.ledger, key, nextKeyHash: meta.next_key_hash }
    })
  } catch (error) {
    if (!isCoded(error, 'NODE_UNREACHABLE')) throw error
    return await readStore(globals)
  }
}

async function readStore({ paths }: Globals): Promise<InForce> {
  if (!existsSync(paths.db)) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${paths.home}`)
  const { openStoreAsIs } = await import('../../store/store.js')
  const { ownChain } = await import('../../ledger/own-chain.js')
  const { silentLog } = await import('../../node/runtime/system.js')
  const store = await openStoreAsIs(paths.db, { log: silentLog })
  try {
    const chain = await ownChain(store)
    if (chain === null) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${paths.home}`)
    return { ledger: chain.ledger, key: chain.key, nextKeyHash: chain.nextKeyHash }
  } finally {
    await store.close()
  }
}

function publicKeyIn(file: string): string | null {
  return existsSync(file) ? signingKeyFromSeed(readKeyFile(file)).publicKey : null
}
