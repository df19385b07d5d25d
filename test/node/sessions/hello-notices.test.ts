import { expect, test } from 'vitest'
import type { HelloSession } from '../../../protocols/hello/index.js'
import type { Access, ReadingRights } from '../../../src/node/access/read-access.js'
import { HelloNotices } from '../../../src/node/sessions/hello-notices.js'
import { openNode, TestLog } from '../../ledger/support.js'

test('evidence goes to those who may know of the ledger, heads to those who may sync it', async () => {
  const { ledgers } = await openNode()
  await ledgers.own.append({ stream: 's', type: 't' })
  const told: string[] = []
  const session = (peer: string): [string, HelloSession] => [
    peer,
    {
      tellHeads: ([head]: { header: Uint8Array }[]) => {
        told.push(`${peer} head ${JSON.parse(Buffer.from(head!.header).toString()).seq}`)
      },
      tellEvidence: (ledger: string, evidence: Uint8Array) => {
        told.push(`${peer} evidence ${ledger === ledgers.own.id} ${evidence.length}`)
      }
    } as unknown as HelloSession
  ]
  const rights: Record<string, Access[]> = { reader: ['know', 'query', 'sync'], asker: ['know', 'query'], stranger: [] }
  const notices = new HelloNotices({
    sessions: new Map(Object.keys(rights).map(session)),
    rights: {
      may: (peer: string, _ledger: unknown, access: Access) => rights[peer]!.includes(access)
    } as unknown as ReadingRights,
    log: new TestLog()
  })
  notices.evidence(ledgers.own, new Uint8Array(7))
  expect(told.splice(0)).toEqual(['reader evidence true 7', 'asker evidence true 7'])
  notices.head(ledgers.own)
  await expect.poll(() => told).toEqual(['reader head 1'])
})
