import type { HelloIntro, SessionSource } from './contract.js'
import type { HelloSession } from './session.js'

/** The callbacks of both ends of the protocol to their node: the introductions, and those of a session. */
export interface HelloSource extends SessionSource {
  /** This node's introduction for the peer. */
  intro: (peer: string) => HelloIntro | Promise<HelloIntro>
  /**
   * Decides about `session.intro`; throwing refuses the peer. Requests made in here are answered only after it returns:
   * do not wait for them inside.
   */
  onIntro: (session: HelloSession) => void | Promise<void>
}
