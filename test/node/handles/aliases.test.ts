import { expect, test } from 'vitest'
import { Aliases } from '../../../src/node/handles/aliases.js'
import { openStore } from '../../../src/store/store.js'
import { LEDGER } from '../../../src/rpc/methods/examples.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { OTHER } from '../../rpc/fake-node.js'
import { silent } from '../../rpc/raw-client.js'

test('aliases are in the store: set, replaced, listed in order, removed, and there after a start', async () => {
  const folder = await temporaryFolder()
  const first = await openStore(folder, { log: silent })
  const aliases = new Aliases(first)
  expect(
    await Promise.all([aliases.set('zeta', LEDGER), aliases.set('partner', LEDGER), aliases.set('partner', OTHER)])
  ).toEqual([null, null, LEDGER])
  await expect(aliases.set(OTHER.slice(0, 12), OTHER)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await first.close()
  const second = await openStore(folder, { log: silent })
  const again = new Aliases(second)
  expect([...(await again.all())]).toEqual([
    ['partner', OTHER],
    ['zeta', LEDGER]
  ])
  expect(await again.remove('zeta')).toBe(LEDGER)
  await expect(again.remove('zeta')).rejects.toMatchObject({ code: 'NO_SUCH_NAME' })
  expect([...(await again.all()).keys()]).toEqual(['partner'])
  await second.close()
})
