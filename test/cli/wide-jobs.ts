import type { Job } from '../../src/node/api/jobs.js'

const SCHEDULE = 'mon-fri 22:00-06:00 Europe/Amsterdam; sat,sun 00:00-24:00 Europe/Amsterdam'

/** All that can be said of a remote's turns, and of what deviates. */
export const WIDE_REMOTE = {
  schedule: SCHEDULE,
  open: false,
  opens: 0,
  priority: 9,
  inKiBps: 16_777_216,
  outKiBps: 16,
  exceptions: {
    inbound: { pending: 0, conflict: 2, failed: 0 },
    outbound: { pending: 0, conflict: 0, failed: 1_234_567 }
  }
}

/** Jobs with all that makes a screen wide. */
export function wideJobs(names: readonly string[], ledger: string, remote: string): Job[] {
  return names.map((name) => ({
    ledger,
    name,
    remote,
    direction: 'out',
    state: 'waiting',
    code: 'SCHEDULED',
    explanation: 'It is not its time: its schedule says when it is offered. `ledgermesh push` offers it now.',
    since: 0,
    next: Date.now() + 86_400_000,
    schedule: SCHEDULE,
    priority: 9,
    history: [{ at: 0, from: 'failing', to: 'waiting', code: 'SCHEDULED' }]
  }))
}
