/**
 * Ledgers and nodes under a domain: TXT `_ledgermesh.<domain>` says `ledger=<id>`, TXT `_dnsaddr.<domain>` says
 * `dnsaddr=<multiaddr>`. DNS can be wrong, so it counts only when the node confirms it: its record has the capability
 * `dns:<domain>`.
 */
import { Resolver } from 'node:dns/promises'
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { peerOf } from './find-manual.js'
import type { Found, Report } from './found.js'

/** Milliseconds for the first try at one server (doubled for each later one), and the number of tries. */
const QUERY_TIMEOUT_MS = 1_000
const TRIES = 2
/** Statements of each kind that are read from one domain. */
const MAX_STATEMENTS = 16
/** Characters of a domain: with the prefix `dns:` it must fit in a capability. */
const MAX_DOMAIN_CHARS = 124
const DOMAIN = /^(?=.{1,124}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Error codes of a server that works and has no records. */
const NOTHING = ['ENOTFOUND', 'ENODATA']

/** A domain in normal form: lower case, no dot at the end. Throws INVALID_PARAMS. */
export function domainOf(text: string): string {
  const domain = text.toLowerCase().replace(/\.$/, '')
  if (!DOMAIN.test(domain))
    throw new LedgermeshError(
      'INVALID_PARAMS',
      `not a domain name of at most ${MAX_DOMAIN_CHARS} characters: ${JSON.stringify(text.slice(0, 80))}`
    )
  return domain
}

export function byDomain(domain: string): string {
  return `the domain ${domain}`
}

export function domainCapability(domain: string): string {
  return `dns:${domain}`
}

/**
 * Throws INVALID_PARAMS, TIMEOUT, or UNREACHABLE when no server answers. `servers`: ip or ip:port; none: those of the
 * system. Malformed texts are reported.
 */
export async function findDns(
  given: string,
  servers: string[],
  report: Report,
  signal: AbortSignal
): Promise<{ domain: string; ledgers: LedgerId[]; found: Found[] }> {
  const domain = domainOf(given)
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: TRIES })
  if (servers.length > 0) resolver.setServers(servers)
  const cancel = (): void => {
    resolver.cancel()
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const [names, addresses] = await Promise.all([
      ask(resolver, `_ledgermesh.${domain}`),
      ask(resolver, `_dnsaddr.${domain}`)
    ])
    return { domain, ...readAnswers(domain, names, addresses, report) }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** Parses the texts under the two names. Never throws: a server may answer anything. */
export function readAnswers(
  domain: string,
  names: string[],
  addresses: string[],
  report: Report
): { ledgers: LedgerId[]; found: Found[] } {
  const wrong = (text: string): void => {
    report({
      source: 'dns',
      peer: null,
      ledger: null,
      problem: `${domain} names what is neither a ledger nor an address: ${JSON.stringify(text.slice(0, 80))}`
    })
  }
  const ledgers = [...new Set(statements(names, 'ledger=').filter((name) => isLedgerId(name) || wrong(name)))]
  const found = new Map<string, Found>()
  for (const address of statements(addresses, 'dnsaddr=')) {
    const peer = peerIn(address)
    if (peer === null) {
      wrong(address)
      continue
    }
    const known = found.get(peer)
    if (known !== undefined) known.addrs.push(address)
    else
      found.set(peer, {
        peer,
        addrs: [address],
        source: 'dns',
        expect: { ledgers, capability: domainCapability(domain) },
        by: byDomain(domain)
      })
  }
  return { ledgers, found: [...found.values()] }
}

function statements(texts: string[], start: string): string[] {
  return texts
    .filter((text) => text.startsWith(start))
    .slice(0, MAX_STATEMENTS)
    .map((text) => text.slice(start.length))
}

async function ask(resolver: Resolver, name: string): Promise<string[]> {
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (NOTHING.includes(code)) return []
    throw new LedgermeshError(code === 'ETIMEOUT' ? 'TIMEOUT' : 'UNREACHABLE', `DNS, TXT ${name}: ${code}`, undefined, {
      cause: error
    })
  }
}

function peerIn(address: string): string | null {
  try {
    return peerOf(address)
  } catch {
    return null // reported as malformed by the caller
  }
}
