/** Trust between the three ledgers: who attests whom decides who is followed, and a stranger is not. */
import { showAttestations, showExplanation } from '../../src/cli/views/trust-view.js'
import { MIN_TRUST_MILLI, startDaemon, type DemoDaemon } from './daemon.js'
import { waitFor } from './wait-for.js'
import { say } from '../../src/cli/print.js'

const TIMEOUT_MS = 60_000

/** Each attests the next one in the ring: so it trusts one ledger by its own word, and the other over a path. */
export async function attestRing(daemons: DemoDaemon[]): Promise<void> {
  say('\nEach attests one of the others, which may vouch for one more hop:')
  for (const [at, { name, client }] of daemons.entries()) {
    const next = daemons[(at + 1) % daemons.length]!
    const levelMilli = 900 - at * 50
    await client.call('trust.attest', { ledger: next.ledger, levelMilli, kind: 'full', depth: 1 })
    say(`  ${name.padEnd(13)} attests ${next.name} ${(levelMilli / 1000).toFixed(3)} (full, depth 1)`)
  }
}

/** Follows first whom the own ledger attests, and with that ledger's headers in hand whom it vouches for. */
export async function followTrusted(daemon: DemoDaemon, daemons: DemoDaemon[]): Promise<void> {
  const at = daemons.indexOf(daemon)
  for (const step of [1, 2]) {
    const { ledger, name } = daemons[(at + step) % daemons.length]!
    await waitFor(`${daemon.name} to trust ${name}`, TIMEOUT_MS, async () => {
      const { level_milli: level } = await daemon.client.call('trust.level', { to: ledger })
      return level >= MIN_TRUST_MILLI ? level : null
    })
    await daemon.client.call('sync.follow', { ledger })
  }
}

/** The third accepts what the second says of it, the first has checked it; then the path is explained. */
export async function explainPath(daemons: DemoDaemon[]): Promise<boolean> {
  const [asker, voucher, target] = daemons as [DemoDaemon, DemoDaemon, DemoDaemon]
  const {
    attestations: [attestation]
  } = await target.client.call('trust.list', { issuer: voucher.ledger, subject: target.ledger })
  await target.client.call('trust.accept', { attestation: attestation!.hash })
  await asker.client.call('trust.verify', { attestation: attestation!.hash })
  const explanation = await waitFor(`${asker.name} to hear that ${target.name} accepts`, TIMEOUT_MS, async () => {
    const answer = await asker.client.call('trust.explain', { to: target.ledger })
    return answer.path.at(-1)?.accepted === true ? answer : null
  })
  say(`\n${asker.name}: why do you trust ${target.name}?  (ledgermesh trust explain ${target.ledger.slice(0, 12)})`)
  say(indent(showExplanation(explanation)))
  return explanation.valid && !explanation.direct
}

/** A fourth node, whom nobody attests: it is found, but not followed, and its own word counts for nothing. */
export async function refuseStranger(
  daemons: DemoDaemon[],
  folder: string,
  bootstrapFile: string
): Promise<{ stranger: DemoDaemon; refused: boolean }> {
  const [asker] = daemons as [DemoDaemon]
  const stranger = await startDaemon(folder, 'stranger', bootstrapFile)
  await stranger.client.call('trust.attest', { ledger: asker.ledger, levelMilli: 1000, kind: 'full', depth: 1 })
  await asker.client.call('network.connect', { address: stranger.addr })
  say(`\nA fourth node joins, and attests ${asker.name} 1.000. It asks to be followed; ${asker.name} answers:`)
  let refused = false
  try {
    await asker.client.call('sync.follow', { ledger: stranger.ledger })
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown }
    refused = String(code) === 'UNTRUSTED' || message.includes('not trusted enough')
    say(`  ${message}`)
  }
  const { attestations } = await asker.client.call('trust.find', { about: asker.ledger })
  say(`  What peers show of attestations about ${asker.name}:`)
  say(indent(showAttestations((await asker.client.call('trust.list', { subject: asker.ledger })).attestations)))
  say(
    `  and ${attestations.filter(({ counts }) => !counts).length} that does not count: ${asker.name} does not hold its issuer.`
  )
  return { stranger, refused }
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
