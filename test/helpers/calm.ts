import type { DelayGauge } from '../../src/network/host.js'

/**
 * An event loop that is never late. A node that is busy ignores hints and asks more of its peers, and so does one whose
 * machine is busy with other tests:
 * what a busy node does is tested with a gauge that says so.
 */
export const CALM: DelayGauge = { sample: () => 0, stop: () => {} }
