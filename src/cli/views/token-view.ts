import type { AccessToken } from '../../node/api/tokens.js'
import { showTime } from '../format.js'
import { showTable } from '../table.js'

export function showNewToken({ token, name, expires }: AccessToken & { token: string }): string {
  return `${token}\nIt is not shown again: pass it on privately. It ends ${showTime(expires)}, or by\nnpx ledgermesh token revoke ${name}`
}

export function showTokens(tokens: AccessToken[]): string {
  if (tokens.length === 0) return 'No access tokens. Make one with `npx ledgermesh token create <name> --scopes read`.'
  return showTable(
    ['NAME', 'SCOPES', 'LIMITED TO', 'ENDS', 'LAST USED'],
    tokens.map(({ name, scopes, ledgers, streams, expires, lastUsedAt }) => [
      name,
      scopes.join(' '),
      [...(ledgers ?? []), ...(streams ?? []).map((stream) => `stream ${stream}`)].join(' ') || '-',
      showTime(expires),
      lastUsedAt === null ? '-' : showTime(lastUsedAt)
    ])
  )
}
