/** A program that calls a node, in a process of its own as programs are: `http-caller.js <what to do, as JSON>`. */
import { LedgerClient } from '../../src/rpc/client.js'
import { HttpClient } from '../../src/rpc/http-client.js'
import { timed } from './measure.js'

export interface CallerTask {
  /** `times`: of so many calls, ms. `rate`: calls per second. `load`: until standard input ends. `feed`: counts. */
  what: 'times' | 'rate' | 'load' | 'feed'
  /** The socket, where there is no token. */
  at: string
  token?: string
  callers: number
  calls: number
  after?: string
}

const { what, at, token, callers, calls, after } = JSON.parse(process.argv[2]!) as CallerTask
const client = token === undefined ? await LedgerClient.connect(at) : new HttpClient(at, { token })
const ask = async (): Promise<void> => {
  await client.call('ledger.query', { limit: 10, order: 'desc' })
}
const all = async (one: () => Promise<void>): Promise<void> => {
  await Promise.all(Array.from({ length: callers }, one))
}

switch (what) {
  case 'times': {
    for (let warm = 0; warm < calls / 4; warm++) await ask()
    const times: number[] = []
    for (let done = 0; done < calls; done++) times.push(await timed(ask))
    console.log(JSON.stringify(times))
    break
  }
  case 'rate': {
    const ms = await timed(() =>
      all(async () => {
        for (let done = 0; done < calls; done++) await ask()
      })
    )
    console.log(((callers * calls) / ms) * 1000)
    break
  }
  case 'load': {
    let done = 0
    let stopped = false
    process.stdin.resume().once('end', () => {
      stopped = true
    })
    await all(async () => {
      while (!stopped) {
        await ask()
        done++
      }
    })
    console.log(done)
    break
  }
  case 'feed': {
    let told = 0
    await client.followFeed({ after: after! }, (notice) => {
      if (!('events' in notice)) return
      told += notice.events.filter(({ kind }) => kind === 'entry').length
      console.log(told)
    })
    await new Promise((resolve) => process.stdin.resume().once('end', resolve))
  }
}
process.exit()
