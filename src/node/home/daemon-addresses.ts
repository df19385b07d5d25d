/**
 * Checks the addresses among a daemon's settings before anything is opened: an error names the flag, or the file and
 * its key.
 */
import { isIP } from 'node:net'
import { LedgermeshError } from '../../core/errors.js'
import { NetworkError, parseListenAddress, parsePeerAddress } from '../../network/host.js'

/** A list of addresses, and where it was given: `--listen`, or `<file>: listen`. */
export interface Given {
  where: string
  values: readonly string[]
}

/** A wrong address to listen on is refused, because the node could not be reached there. Throws BAD_CONFIG. */
export function checkListen({ where, values }: Given): void {
  for (const value of values) {
    const problem = problemOf(value, parseListenAddress)
    if (problem !== null) throw new LedgermeshError('BAD_CONFIG', `${where}: ${problem}`)
  }
}

/**
 * Addresses of other nodes: one of them is enough to join, so a wrong one is reported (`tell`) and left out. A list
 * without any valid one is an error. Throws BAD_CONFIG.
 */
export function usable({ where, values }: Given, tell: (problem: string) => void): string[] {
  const wrong = new Map(
    values
      .map((value) => [value, problemOf(value, parsePeerAddress)] as const)
      .filter(([, problem]) => problem !== null)
  )
  const [first] = wrong.values()
  if (first !== undefined && wrong.size === new Set(values).size)
    throw new LedgermeshError('BAD_CONFIG', `${where}: ${first!}`)
  for (const problem of wrong.values()) tell(`${where}: ${problem!} (left out)`)
  return values.filter((value) => !wrong.has(value))
}

/** ip or ip:port. Throws BAD_CONFIG. */
export function checkDnsServers({ where, values }: Given): void {
  for (const value of values) {
    const [, v6, v4, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(value) ?? []
    if (isIP(value) === 0 && (isIP(v6 ?? v4 ?? '') === 0 || Number(port) > MAX_PORT)) {
      throw new LedgermeshError(
        'BAD_CONFIG',
        `${where}: a DNS server is an ip or ip:port, not ${JSON.stringify(value.slice(0, 200))}`
      )
    }
  }
}

const MAX_PORT = 65_535

function problemOf(value: string, parse: (value: string) => unknown): string | null {
  try {
    parse(value)
    return null
  } catch (error) {
    if (error instanceof NetworkError) return error.message
    throw error
  }
}
