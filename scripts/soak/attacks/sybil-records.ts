import { announcementId, encodeAnnouncement, nodesTopic } from '../../../protocols/announce/index.js'
import { encodeNodeRecord, type NodeRecord } from '../../../src/core/node-record.js'
import { signingInput } from '../../../src/core/signature.js'
import { NETWORK } from '../../../test/core/author.js'
import { keyAt } from '../../../test/helpers/key-at.js'
import { TestPeer } from '../../../test/helpers/test-peer.js'
import { random } from '../../../test/network/fixture.js'
import { turn, type Target } from '../attack.js'

export async function sybilRecords({ addr, peerId, ledger, records }: Target, over: () => boolean): Promise<string> {
  const peer = await TestPeer.start()
  await peer.connect(addr)
  const topic = nodesTopic(NETWORK)
  peer.host.subscribe(topic, async () => await Promise.resolve('accept'), announcementId)
  for (let i = 0; i < 200 && !peer.host.subscribers(topic).includes(peerId); i++) await turn(20)
  const signer = keyAt(1)
  const template: NodeRecord = {
    v: 1,
    network: NETWORK,
    ledger,
    peer_id: peer.host.peerId,
    key: signer.publicKey,
    seq: 1,
    issued: Date.now(),
    expires: Date.now() + 3_600_000,
    addrs: [],
    capabilities: ['sync'],
    metadata: { version: '1', region: null, streams: [] }
  }
  let sent = 0
  for (; sent < records && !over() && peer.host.isConnected(peerId); sent++) {
    const letters = sent.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')
    // Half of them say that they are nodes of the daemon's own ledger, which makes it check their signature: it is
    // right, and its key is not in force.
    const of = sent % 2 === 0 ? ledger : `b${letters.padStart(51, 'c')}a`
    const body = encodeNodeRecord({
      ...template,
      ledger: of,
      peer_id: `${template.peer_id.slice(0, 20)}${letters.replaceAll('a', 'A').padStart(32, 'C')}`
    })
    const signed = of === ledger ? await signer.sign(signingInput('nodeRecord', body)) : random.bytes(64)
    await peer.host.publish(topic, encodeAnnouncement({ record: { body, signature: signed, keyEntries: [] } }))
    if (sent % 100 === 0) await turn()
  }
  return `${sent} records told${peer.host.isConnected(peerId) ? '' : ', then the teller was out'}`
}
