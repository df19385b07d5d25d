/** Every command's screen, with names that strangers could choose, in the widths that people have. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fitScreen, widthOf } from '../../src/cli/layout.js'
import { makeProgram } from '../../src/cli/program.js'
import { ADDRESS, DISCOVERED_NODE, HASH, KNOWN_LEDGER, LEDGER, PEER } from '../../src/rpc/methods/examples.js'
import { showStarted } from '../../src/cli/views/started-view.js'
import { visibleLines } from '../../src/cli/visible.js'
import { screenCalls } from './screen-calls.js'
import { fakeReferences } from '../rpc/fake-references.js'
import { OTHER } from '../rpc/fake-node.js'
import { stalledAdoptions } from '../rpc/fake-push.js'
import { cli, startNode, temporaryHome } from './run-cli.js'
import { WIDE_REMOTE, wideJobs } from './wide-jobs.js'

/** Turns the direction of writing, hides, controls, is wide, is long. */
const NAMES = [
  'acme\u202e\u2066fdp.exe',
  'zero\u200bwidth \u2028line',
  '\u001b[2J\u009b31mred',
  '学校法人東京大学附属病院研究所',
  'a-name-that-is-as-long-as-names-may-be-'.repeat(3)
]
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Answers of the fake node in which every text of others is hostile. */
function makeHostile(node: Awaited<ReturnType<typeof startNode>>['node']): void {
  const known = NAMES.map((name) => ({
    ...KNOWN_LEDGER,
    ledger: OTHER,
    name,
    nodes: [{ ...KNOWN_LEDGER.nodes[0]!, addrs: [ADDRESS] }]
  })) as Awaited<ReturnType<typeof node.ledgers>>
  const stalled = {
    code: 'NO_PEERS' as const,
    since: 0,
    next: null,
    explanation: 'Nobody who has it is connected: connect to one of its nodes, or wait until one is found.'
  }
  node.ledgers = async () => known
  node.getLedger = async () => known[0]!
  Object.assign(node, fakeReferences(NAMES))
  node.peers = async () =>
    NAMES.map((name) => ({
      peer: PEER,
      addrs: [ADDRESS],
      direction: 'inbound',
      since: 0,
      ledger: OTHER,
      name,
      access: null,
      software: name
    }))
  node.syncStatus = async () =>
    NAMES.map((name) => ({
      ledger: OTHER,
      name,
      own: false,
      access: 'public',
      status: 'stalled',
      size: 1_234_567,
      audited: 1_234_567,
      target: 2_000_000,
      filters: null,
      headers: false,
      peers: 3,
      announced: true,
      stall: stalled,
      evidence: 'none'
    }))
  node.discover = async () => ({
    nodes: NAMES.map((name) => ({ ...DISCOVERED_NODE, name, capabilities: ['sync', name] })) as Awaited<
      ReturnType<typeof node.discover>
    >['nodes'],
    contradictions: NAMES.map((name) => ({
      source: 'dns' as const,
      peer: PEER,
      ledger: OTHER,
      problem: `the domain ${name} names ${OTHER}, whose node does not name the domain`,
      at: 0
    }))
  })
  node.access = async () => ({
    ledger: LEDGER,
    access: 'private',
    readers: NAMES.map((name) => ({ ledger: OTHER, scope: 'full' as const, name, held: false })),
    revoked: [OTHER, LEDGER],
    trustMilli: 700
  })
  node.members = async () => ({
    closed: true,
    issuers: [LEDGER],
    members: [{ peer: PEER, issuer: LEDGER, expires: 0, hash: HASH }]
  })
  node.indexFaults = async () => [
    { ledger: OTHER, id: HASH, fault: 'omitted', seq: 300, counts: true, file: '{}' },
    { ledger: OTHER, id: HASH, fault: 'wrong', seq: 900, counts: false, file: '{}' }
  ]
  node.refusals = async () => ({
    refusals: [{ peer: PEER, ledger: OTHER, reason: 'NOT_A_READER', reader: OTHER, count: 2, first: 0, last: 0 }],
    refusedBy: [{ peer: PEER, count: 1, first: 0, last: 0 }]
  })
  const flow = {
    ledger: LEDGER,
    remote: OTHER,
    size: 1_234_567,
    durable: 3,
    status: 'failed',
    code: 'NOT_WANTED',
    explanation: 'The remote does not want this ledger: its operator can follow it.',
    attempts: 3,
    last: 0,
    next: 0
  } as const
  node.push.remotes = async () =>
    NAMES.map((name) => ({
      ledger: OTHER,
      name,
      endpoint: [ADDRESS],
      publicKey: null,
      syncDirection: 'bidirectional',
      ...WIDE_REMOTE,
      hasToken: true,
      peers: [PEER],
      mode: 'mirror',
      adopt: null,
      filters: { streams: ['s'] },
      paused: true,
      pushed: { pool: 'anyone', peer: PEER, bytes: 1e9, taken: 1e6 },
      flows: [flow]
    }))
  Object.assign(node.push, stalledAdoptions(NAMES))
  node.push.jobs = async () => wideJobs(NAMES, OTHER, LEDGER)
  node.push.push = async () => ({
    remote: OTHER,
    flows: [flow],
    entries: [
      {
        ledger: OTHER,
        accepted: NAMES,
        rejected: NAMES.map((id) => ({ id, reason: 'ADOPT_NOT_OFFERED' })),
        conflicts: NAMES.map((id) => ({ id, conflict: `c${'ab'.repeat(16)}` })),
        skipped: { FILTERED: 1_000_000, ERASED: 2 }
      }
    ]
  })
  node.push.offers = async () =>
    NAMES.map((name) => ({
      ledger: OTHER,
      peer: PEER,
      name,
      access: 'public',
      size: 12,
      from: null,
      trusted: false,
      state: 'pending',
      first: 0,
      last: 0
    }))
  node.report = {
    healthy: true,
    checks: NAMES.map((name) => ({
      check: name,
      ok: true,
      detail: `${name} is something that is explained at some length here, in words`,
      next: `Do something about ${name}.`
    }))
  }
  node.evidenceHeld = [
    { id: HASH, ledger: OTHER, kind: 'checkpoint-entry', seq: 3, freezes: true, state: 'freezes', evidence: '{}' }
  ]
  node.conflicts = async () =>
    ({
      conflicts: [
        {
          ledger: OTHER,
          name: NAMES[0]!,
          access: 'public',
          own: false,
          frozenAt: 5,
          disputed: 3,
          evidence: HASH,
          kind: 'same-seq',
          keyFork: true,
          rotation: { seq: 5, hash: HASH, key: HASH },
          next: 'If the owner confirms the rotation, accept its branch.'
        }
      ],
      disputes: [
        {
          ledger: OTHER,
          name: NAMES[0]!,
          access: 'private',
          state: 'excused',
          evidence: HASH,
          kind: 'same-seq',
          seq: 3,
          from: null,
          next: 'A key signed it that the ledger has retired.'
        }
      ],
      voided: [{ ledger: OTHER, evidence: HASH.slice(0, 32), from: 5, entries: 3 }]
    }) as unknown as Awaited<ReturnType<typeof node.conflicts>>
  node.resolve = async (ledger) => ({ status: (await node.syncStatus())[0]!, ledger, voided: 3 })
  node.erasures = async () => ({
    ledger: LEDGER,
    erasures: [
      {
        seq: 2,
        hash: HASH,
        timestamp: 0,
        entries: [HASH],
        confirmed: [{ peer: PEER, ledger: OTHER, name: NAMES[0]!, at: 0 }],
        waiting: [{ peer: PEER, ledger: null, name: null, reason: 'OFFLINE' as const }]
      }
    ],
    nextCursor: null,
    hasMore: false
  })
  node.trust.list = async () => [
    {
      issuer: LEDGER,
      subject: OTHER,
      hash: HASH,
      seq: 1,
      timestamp: 0,
      level_milli: 800,
      kind: 'full',
      depth: 1,
      expires: null,
      accepted: true,
      verifiedBy: [LEDGER],
      usable: true,
      expired: false
    }
  ]
  node.trust.find = async () => [
    {
      issuer: LEDGER,
      subject: OTHER,
      hash: HASH,
      level_milli: 800,
      kind: 'full',
      depth: 1,
      expires: null,
      accepted: true,
      counts: false,
      peers: [PEER]
    }
  ]
}

/** JSON, or lines of a file: as they are, in whatever width. */
const FOR_PROGRAMS = ['rpc', 'metrics', 'prove', 'checkpoint', 'consistency', 'voided', 'help']
/** Tried below. */
const ALONE = ['init', 'start', 'keys', 'fsck', 'import', 'export', 'publish', 'sink', 'events']

const STARTED = {
  ledger: LEDGER,
  access: 'private' as const,
  network: 'main',
  peerId: PEER,
  addrs: [ADDRESS],
  socket: '/srv/ledgermesh/rpc/node.sock',
  created: true
}

async function run(home: string, args: string[], columns: number): Promise<string> {
  const said: string[] = []
  vi.stubEnv('COLUMNS', String(columns))
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => {
      said.push(text)
    }),
    vi.spyOn(console, 'error').mockImplementation((text: string) => {
      said.push(text)
    })
  ]
  try {
    await (await makeProgram(args)).parseAsync(['node', 'ledgermesh', '--home', home, ...args])
  } finally {
    for (const spy of spies) spy.mockRestore()
    vi.unstubAllEnvs()
  }
  return said.join('\n')
}

/**
 * Only a word that no screen could hold stands by itself (and beside its name), and commands to be copied are whole.
 */
function tooLong(screen: string, columns: number): string[] {
  return screen
    .split('\n')
    .filter((line) => widthOf(line) > columns && line.trim().includes(' ') && !/^ +npx /.test(line))
}

function problemsOf(screen: string, columns: number): string[] {
  const broken = [...screen.matchAll(/(?<![a-z0-9])bmj6[a-z2-7]*/g)]
    .filter(([id]) => ![12, 53].includes(id.length))
    .map(([id]) => `breaks ${id}`)
  return [
    ...tooLong(screen, columns),
    ...broken,
    ...screen
      .split('\n')
      .filter((line) => HIDDEN.test(line))
      .map((line) => `prints what is hidden: ${JSON.stringify(line)}`)
  ]
}

describe.each([80, 120, 60])('in %i columns', (columns) => {
  test('every command fits, cuts no id in the middle, and shows what strangers hide', async () => {
    const { home, node } = await startNode()
    makeHostile(node)
    for (const id of NAMES) await node.append({ stream: id, type: id, id, subject_oid: id, payload: { id } })
    await node.append({ stream: 's', type: 't', id: 'e', payload: NAMES })
    const exitCode = process.exitCode
    onTestFinished(() => {
      process.exitCode = exitCode
    })
    const wrong: string[] = []
    for (const args of screenCalls(NAMES)) {
      const screen = await run(home, args, columns)
      wrong.push(...problemsOf(screen, columns).map((problem) => `${args.join(' ')}: ${problem}`))
    }
    expect(wrong).toEqual([])
  }, 60_000)

  test('also what makes a home, reads a file, or goes on', async () => {
    const exitCode = process.exitCode
    onTestFinished(() => {
      process.exitCode = exitCode
    })
    const home = join(await temporaryHome(), 'home')
    const screens: Record<string, string> = {}
    for (const access of ['public', 'private'])
      screens[`init ${access}`] = await run(
        `${home}-${access}`,
        ['init', '--name', NAMES[0]!, '--access', access],
        columns
      )
    for (const args of [
      ['init'],
      ['keys', 'show'],
      ['keys', 'rotate', '--offline'],
      ['keys', 'show'],
      ['fsck'],
      ['doctor']
    ])
      screens[args.join(' ')] = await run(`${home}-private`, args, columns)
    screens.start = fitScreen(visibleLines(showStarted({ ...STARTED, home, name: NAMES[0]! })), columns)

    const { home: other, node } = await startNode()
    makeHostile(node)
    for (const id of NAMES) await node.append({ stream: id, type: id, id, payload: { id } })
    const file = join(other, 'notes.jsonl')
    await writeFile(
      file,
      [
        ...NAMES.map((id) => JSON.stringify({ id, stream: 's', type: 't', payload: 'another one' })),
        ...NAMES,
        '{"id": 1}'
      ].join('\n')
    )
    screens.import = await run(other, ['import', file], columns)
    const watching = run(other, ['events'], columns)
    await expect.poll(() => node.listeners, { timeout: 10_000 }).toBe(1)
    for (const name of NAMES) {
      node.happen({ kind: 'connected', at: 0, peer: PEER, ledger: OTHER, name, software: name })
      node.happen({
        kind: 'record',
        at: 0,
        peer: PEER,
        ledger: OTHER,
        name,
        addrs: [ADDRESS, name],
        capabilities: [name],
        expires: 0
      })
    }
    node.happen({
      kind: 'signer',
      at: 0,
      ledger: OTHER,
      state: 'twin',
      explanation:
        'another node signed with the keys of this one: nothing is signed here until one of the two is stopped for good and you confirm that'
    })
    await cli(other, ['stop'])
    screens.events = await watching
    expect(
      Object.entries(screens).flatMap(([name, screen]) =>
        problemsOf(screen, columns).map((problem) => `${name}: ${problem}`)
      )
    ).toEqual([])
    expect(screens['init private']).toContain('(private)')
    expect(screens['init public']).toContain('(public)')
  }, 60_000)
})

test('no command is left out', async () => {
  const named = new Set([...screenCalls(NAMES).map(([name]) => name!), ...FOR_PROGRAMS, ...ALONE])
  expect((await makeProgram()).commands.map((command) => command.name()).filter((name) => !named.has(name))).toEqual([])
})

test('the help of every command fits, and every command is in a group', async () => {
  vi.stubEnv('COLUMNS', '80')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const program = await makeProgram()
  const walk = (command: Command): string[] => [command.helpInformation(), ...command.commands.flatMap(walk)]
  expect(walk(program).flatMap((text) => tooLong(text, 80))).toEqual([])
  expect(program.helpInformation()).not.toContain('Other:')
})
