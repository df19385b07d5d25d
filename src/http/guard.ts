/**
 * What is looked at before anything else of a request: is it meant for this server, and does it come from where it may?
 * A page in a browser can make anybody's browser send requests here; none of them must do or tell anything.
 */
import type { IncomingMessage } from 'node:http'
import { HttpRefusal } from './refusal.js'

/** Where this server may be meant by. */
export interface Own {
  /** Values of Host, in lower case. */
  hosts: ReadonlySet<string>
  /** Values of Origin. */
  origins: ReadonlySet<string>
}

export interface Target {
  path: string
  query: URLSearchParams
}

type Head = Pick<IncomingMessage, 'url' | 'rawHeaders' | 'headers'>

/** Path and query. Throws HttpRefusal. */
export function guard(head: Head, own: Own): Target {
  const host = onlyOne(head, 'host')
  if (host === null || !own.hosts.has(host.toLowerCase()))
    throw new HttpRefusal(421, 'INVALID_REQUEST', 'this is not the host that the request is for')
  const origin = onlyOne(head, 'origin')
  const site = onlyOne(head, 'sec-fetch-site')
  if ((origin !== null && !own.origins.has(origin)) || (site !== null && site !== 'same-origin' && site !== 'none'))
    throw new HttpRefusal(403, 'NOT_PERMITTED', 'requests of other sites are not answered')
  const target = targetOf(head.url ?? '')
  refuseShownTokens(head, target)
  return target
}

/** Which header it is counts as given twice as a header of its own. Throws HttpRefusal. */
export function onlyOne({ rawHeaders }: Pick<Head, 'rawHeaders'>, name: string): string | null {
  const values = rawHeaders.filter((_text, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name)
  if (values.length > 1) throw new HttpRefusal(400, 'INVALID_REQUEST', `more than one header ${name}`)
  return values[0] ?? null
}

/** Not the whole address, as a proxy gets it; without `//`, `..` or escapes, of which none of our paths has any. */
function targetOf(url: string): Target {
  const cut = url.indexOf('?')
  const path = cut === -1 ? url : url.slice(0, cut)
  if (!/^\/[a-zA-Z0-9._/-]*$/.test(path) || path.includes('//') || path.includes('..'))
    throw new HttpRefusal(400, 'INVALID_REQUEST', 'the request names no path of this server')
  return { path, query: new URLSearchParams(cut === -1 ? '' : url.slice(cut + 1)) }
}

/** They would lie in histories, logs and `ps`; a browser sends cookies to every port of a host. */
function refuseShownTokens({ headers }: Head, { query }: Target): void {
  const shown =
    /lmt_[0-9a-f]{16}/i.test(headers.cookie ?? '') ||
    [...query].some(([name, value]) => /^(?:access_?)?token$|^api_?key$/i.test(name) || /lmt_[0-9a-f]{16}/i.test(value))
  if (shown)
    throw new HttpRefusal(
      400,
      'INVALID_REQUEST',
      'an access token stands in the header Authorization alone: revoke this one, others may have seen it'
    )
}
