/** The feed as server-sent events: what must not come, and when it ends, before that it comes. */
import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { MAX_STREAMS, MAX_TOKEN_STREAMS } from '../../src/http/limits.js'
import { toLine } from '../../src/rpc/lines.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import { EXPIRED } from '../rpc/fake-feed.js'
import { OTHER } from '../rpc/fake-node.js'
import { kindOf, restOf, startHttp, type HttpRig } from './rig.js'

const { after } = METHODS['feed.read'].example.params as { after: string }
const EVENTS = METHODS['feed.read'].example.result.events as never[]

interface Stream {
  socket: Socket
  /** What has come, head and all. */
  text: () => string
  ended: Promise<string>
}

async function follow(rig: HttpRig, token: string, query = `?after=${after}`, head = ''): Promise<Stream> {
  const socket = await rig.open()
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  socket.write(`GET /feed${query} HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: Bearer ${token}\r\n${head}\r\n`)
  const ended = restOf(socket)
  await vi.waitFor(() => {
    expect(text).toContain('\r\n\r\n')
  })
  return { socket, text: () => text, ended }
}

test('an expired position is refused with where the feed is; so is none at all, and what the token may not', async () => {
  const rig = await startHttp()
  const token = await rig.token()
  const gone = await rig.get(`/feed?after=${EXPIRED}`, token)
  expect([gone.status, kindOf(gone)]).toEqual([410, 'FEED_RESET'])
  expect(JSON.parse(gone.body)).toMatchObject({ error: { data: { details: { epoch: 'f3a1c2d4e5b60718', floor: 7 } } } })
  expect((await rig.get('/feed', token)).status).toBe(400)
  expect((await rig.get(`/feed?after=${after}&bogus=1`, token)).status).toBe(400)
  expect((await rig.get(`/feed?after=${after}`, await rig.token(['append', 'private']))).status).toBe(403)
  rig.node.private.add(OTHER)
  expect((await rig.get(`/feed?after=${after}&ledgers=${OTHER}`, token)).status).toBe(404)
  expect(rig.node.calls).toEqual([])
})

test('each event is a notice, on one line of ASCII, under the position to go on from', async () => {
  const rig = await startHttp()
  const { text, socket } = await follow(rig, await rig.token())
  await rig.node.feed.tell({ events: EVENTS, last: `${after}` })
  await rig.node.feed.tell({ events: [{ text: 'a\n\ndata: b\r\nid: 1\u2028é' }] as never[], last: 'x.1.y' })
  await vi.waitFor(() => {
    expect(text()).toContain('id: x.1.y\nevent: events\n')
  })
  expect(text()).toContain('Content-Type: text/event-stream')
  expect(text()).toContain(`id: ${after}\nevent: events\ndata: ${toLine({ events: EVENTS, last: after })}\n\n`)
  expect(text()).toContain('data: {"events":[{"text":"a\\n\\ndata: b\\r\\nid: 1\\u2028\\u00e9"}],"last":"x.1.y"}\n\n')
  expect(rig.node.calls).toMatchObject([{ method: 'feed.subscribe', args: [{ after, publicOnly: true }] }])
  socket.destroy()
})

test('connecting again goes on from the last id, whatever the address says', async () => {
  const rig = await startHttp()
  const token = await rig.token(['read', 'private'])
  await follow(rig, token, `?after=${EXPIRED}&streams=a&streams=b`, `Last-Event-ID: ${after}\r\n`)
  expect(rig.node.calls).toMatchObject([{ args: [{ after, streams: ['a', 'b'] }] }])
})

test('it ends when the feed begins anew, saying so', async () => {
  const rig = await startHttp()
  const { text, ended } = await follow(rig, await rig.token())
  await rig.node.feed.tell({ ended: 'FEED_RESET', epoch: 'e', floor: 3 })
  await ended
  expect(text()).toContain('event: ended\ndata: {"ended":"FEED_RESET","epoch":"e","floor":3}\n\n')
})

test('revoking a token ends its streams at once, and those of no other; so does its time', async () => {
  const rig = await startHttp({ heartbeatMs: 20 })
  const [first, second] = [await rig.token(), await rig.token()]
  const gone = await follow(rig, first)
  const stays = await follow(rig, second)
  await rig.tokens.revoke('token-0')
  await gone.ended
  await rig.node.feed.tell({ events: EVENTS, last: after })
  expect(gone.text()).not.toContain('event: events')
  await vi.waitFor(() => {
    expect(stays.text()).toContain('event: events')
  })
  expect(stays.text()).toContain(':\n\n')
  rig.clock.pass(91 * 86_400_000)
  await stays.ended
})

test('so many streams for a token, so many for all; a place that gets free is given again', async () => {
  const rig = await startHttp()
  const open: Stream[] = []
  const codes: number[] = []
  for (let at = 0; at < MAX_STREAMS / MAX_TOKEN_STREAMS; at++) {
    const token = await rig.token()
    for (let times = 0; times < MAX_TOKEN_STREAMS; times++) open.push(await follow(rig, token))
    codes.push((await rig.get(`/feed?after=${after}`, token)).status)
  }
  const late = await rig.token()
  const refused = await rig.get(`/feed?after=${after}`, late)
  expect([refused.status, kindOf(refused), refused.headers.get('retry-after')]).toEqual([503, 'OVERLOADED', '1'])
  expect(codes).toEqual([503, 503, 503, 503])
  open[0]!.socket.destroy()
  await vi.waitFor(async () => {
    expect((await follow(rig, late)).text()).toContain('200 OK')
  })
})

test('a consumer that reads nothing holds the feed back, no memory, and not for long', async () => {
  const rig = await startHttp({ stallMs: 300 })
  const { socket, text } = await follow(rig, await rig.token())
  socket.pause()
  const filler = 'x'.repeat(1024 * 1024)
  let taken = 0
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (let at = 0; at < 40; at++) {
    await rig.node.feed.tell({ events: [], last: `${at} ${filler}` })
    taken++
  }
  expect(taken).toBe(40) // who is cut off holds nobody
  socket.resume()
  await closed
  expect(text()).not.toContain('id: 39 ')
})

test('a node that stops ends the streams, and answers what it was asked', async () => {
  const rig = await startHttp()
  const { ended } = await follow(rig, await rig.token())
  const [rest] = await Promise.all([ended, rig.server.close()])
  expect(rest).not.toContain('event: events')
})
