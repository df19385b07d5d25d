import { announcementId, announceTopic, encodeAnnouncement } from '../../../protocols/announce/index.js'
import { Author, NETWORK } from '../../../test/core/author.js'
import { TestPeer } from '../../../test/helpers/test-peer.js'
import { turn, type Target } from '../attack.js'

/** Of the ledger that the honest peer writes: its signature has to be checked. */
export async function forgedAnnouncements({ addr, peerId, forged }: Target, over: () => boolean): Promise<string> {
  const author = await Author.create()
  const { header, signature } = (await author.make()).raw
  let [sent, liars] = [0, 0]
  const topic = announceTopic(NETWORK, author.ledger)
  while (!over() && sent < forged) {
    liars++
    const liar = await TestPeer.start()
    try {
      await liar.connect(addr)
      liar.host.subscribe(topic, async () => await Promise.resolve('accept'), announcementId)
      for (let i = 0; i < 100 && !liar.host.subscribers(topic).includes(peerId); i++) await turn(20)
      while (!over() && sent < forged && liar.host.isConnected(peerId)) {
        await liar.host.publish(
          topic,
          encodeAnnouncement({
            head: {
              header,
              signature: Buffer.concat([
                signature.slice(0, 58),
                Buffer.from([liars, sent >> 24, sent >> 16, sent >> 8, sent, 0])
              ])
            }
          })
        )
        if (++sent % 50 === 0) await turn()
      }
    } catch {
      /* refused: as it should be */
    }
    await liar.host.stop()
  }
  return `${sent} forged by ${liars} liars`
}
