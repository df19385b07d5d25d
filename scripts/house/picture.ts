/**
 * The rooms as a Mermaid flowchart: an arrow says that one imports the other; what follows from other arrows is left
 * out.
 */
import { readImports } from './imports.js'
import { roomOf, ROOMS } from './rooms.js'

const START = '<!-- rooms: made by `npm run architecture`, checked by test/house/architecture.test.ts -->\n'
const END = '<!-- /rooms -->'

/** The page with the picture of today's sources between its two marks. */
export function withPicture(page: string): string {
  const [before, rest] = page.split(START)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error('the page has no marks for the picture')
  return `${before}${START}${picture()}${END}${after}`
}

function picture(): string {
  const arrows = reduced(roomImports())
  const used = ROOMS.filter((room) => [...arrows].some(([from, targets]) => from === room || targets.has(room)))
  const lines = used.map((room) => `  ${name(room)}["${room}"]`)
  for (const from of used)
    for (const to of ROOMS) if (arrows.get(from)?.has(to) === true) lines.push(`  ${name(from)} --> ${name(to)}`)
  return ['```mermaid', 'flowchart TD', ...lines, '```', ''].join('\n')
}

const name = (room: string): string => room.replaceAll(/[^a-z]/g, '_')

function roomImports(): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>(ROOMS.map((room) => [room, new Set()]))
  for (const [file, targets] of readImports()) {
    const from = roomOf(file)!
    for (const target of targets) if (roomOf(target) !== from) rooms.get(from)!.add(roomOf(target)!)
  }
  return rooms
}

/** Without the arrows that lead where a longer way leads too. */
function reduced(rooms: Map<string, Set<string>>): Map<string, Set<string>> {
  const reach = new Map<string, Set<string>>()
  for (const room of ROOMS.toReversed())
    reach.set(room, new Set([...rooms.get(room)!].flatMap((to) => [to, ...(reach.get(to) ?? [])])))
  return new Map(
    [...rooms].map(([room, targets]) => [
      room,
      new Set([...targets].filter((to) => ![...targets].some((via) => reach.get(via)!.has(to))))
    ])
  )
}
