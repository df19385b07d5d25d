import { WireError, isRefusal, isViolation, wireError } from '../codes.js'
import { inTime } from '../in-time.js'
import { waitFor } from '../wait.js'
import { RequestHandler, busyReply } from './request-handler.js'
import { Asks } from './asks.js'
import { sayBye } from './bye.js'
import { decodeFrame, encodeOwn, type Ask, type Notice } from './frame.js'
import { MAX_HEADS, MAX_HEADS_ROUNDS, MAX_HEADS_TOTAL_BYTES, MAX_IN_FLIGHT } from './limits.js'
import { askUnits, noticeUnits } from './cost.js'
import { NoticeQueue } from './queue.js'
import { checkHeads, headBytes, takeFitting, type Answer } from './reply.js'
import type { FrameStream } from '../frame-stream.js'
import type { SignedRecord, WireEntry, WireHead, WireKeyEntry } from '../types.js'
import type { AskOptions, HeadsResult, HelloDeadlines, HelloIntro, SessionSource, WantedHead } from './contract.js'

/**
 * One hello stream after both Intros, the same on both sides. Reading, writing and handling notices run side by side,
 * so that none of them can block another; what waits is bounded everywhere. All errors are WireErrors.
 */
export class HelloSession {
  readonly peer: string
  /** The remote's. Its record is not verified here. */
  readonly intro: HelloIntro
  /** Resolves when the session is over, whatever the reason; never rejects. */
  readonly closed: Promise<void>
  readonly #stream: FrameStream
  readonly #source: SessionSource
  readonly #times: HelloDeadlines
  readonly #asks: Asks
  readonly #handler: RequestHandler
  readonly #over = new AbortController()
  /** Requests and replies: their number is bounded by what may be unanswered. */
  readonly #urgent: { bytes: Uint8Array; answers: boolean }[] = []
  readonly #told = new NoticeQueue<Uint8Array>()
  readonly #heard = new NoticeQueue<Notice>()
  readonly #serving = new Set<Promise<void>>()
  readonly #ended = Promise.withResolvers<void>()
  #wakeWriter: (() => void) | undefined
  #wakeHandler: (() => void) | undefined
  #lastRequest = 0
  /** The peer's requests whose replies have not been handed to the stream. */
  #unanswered = 0
  #error: WireError | null = null
  #byeReceived = false

  constructor(stream: FrameStream, source: SessionSource, peer: string, intro: HelloIntro, times: HelloDeadlines) {
    this.#stream = stream
    this.#source = source
    this.peer = peer
    this.intro = intro
    this.#times = times
    this.closed = this.#ended.promise
    this.#handler = new RequestHandler(source, peer, times.busyAfterMs)
    this.#asks = new Asks(times.replyMs, () => {
      this.#end(new WireError('TIMEOUT', `no reply for ${times.replyMs} ms`))
    })
  }

  /** Why the session ended: null when one side simply left, or it lives. */
  get error(): WireError | null {
    return this.#error
  }

  /** Notices dropped because the peer does not read them, or we do not handle them, in time. */
  get droppedNotices(): number {
    return this.#told.dropped + this.#heard.dropped
  }

  /**
   * The peer's heads of at most 512 ledgers. Asks again for what did not fit, up to 8 MiB or 64 times; the rest is
   * `unanswered`.
   */
  async askHeads(wanted: WantedHead[], options: AskOptions = {}): Promise<HeadsResult> {
    const result: HeadsResult = { heads: [], same: [], none: [], denied: [], unanswered: [] }
    const open = new Map(wanted.map((one) => [one.ledger, one]))
    for (
      let bytes = 0, round = 0;
      open.size > 0 && bytes <= MAX_HEADS_TOTAL_BYTES && round < MAX_HEADS_ROUNDS;
      round++
    ) {
      const asked = new Set(open.keys())
      const answer = await this.#ask({ kind: 'heads', wanted: [...open.values()] }, options, (reply) =>
        reply.kind === 'heads' ? checkHeads(reply.heads, asked) : mismatch()
      )
      for (const name of ['same', 'none', 'denied'] as const) {
        result[name].push(...answer[name])
        for (const ledger of answer[name]) open.delete(ledger)
      }
      result.heads.push(...answer.heads)
      for (const head of answer.heads) {
        open.delete(head.ledger)
        bytes += headBytes(head)
      }
    }
    result.unanswered.push(...open.keys())
    return result
  }

  /**
   * Up to `count` (at most 64) entries from `from` on; at least one, fewer when they are large. The caller checks
   * whether they chain.
   */
  async askEntries(ledger: string, from: number, count: number, options: AskOptions = {}): Promise<WireEntry[]> {
    return this.#ask({ kind: 'entries', ledger, from, count }, options, (reply) =>
      reply.kind === 'entries' && reply.entries.length <= count ? reply.entries : mismatch()
    )
  }

  /** Genesis and all rotations that the peer holds, in order. */
  async askKeyEntries(ledger: string, options: AskOptions = {}): Promise<WireKeyEntry[]> {
    return this.#ask({ kind: 'keyEntries', ledger }, options, (reply) =>
      reply.kind === 'keyEntries' ? reply.entries : mismatch()
    )
  }

  /** Notices are hints: never answered, and dropped when they cannot be sent in time. */
  tellHeads(heads: WireHead[]): void {
    for (let rest = heads; rest.length > 0;) {
      const now = takeFitting(rest.slice(0, MAX_HEADS), headBytes)
      this.#tell({ kind: 'heads', heads: now })
      rest = rest.slice(now.length)
    }
  }

  tellEvidence(ledger: string, evidence: Uint8Array): void {
    this.#tell({ kind: 'evidence', ledger, evidence })
  }

  tellRecord(record: SignedRecord): void {
    this.#tell({ kind: 'record', record })
  }

  /** Says Bye and closes the stream. */
  async close(): Promise<void> {
    this.#end(null)
    return this.closed
  }

  /** Says Bye with DENIED: the peer is no longer served. */
  async dismiss(): Promise<void> {
    this.#end(new WireError('DENIED', 'the peer is no longer served'))
    return this.closed
  }

  /** Runs the session until it ends. To be called once, by the code that created it. `signal` closes it. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#end(null)
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const loops = [this.#read(), this.#write(), this.#handle()].map(async (loop) =>
      loop.catch((error: unknown) => {
        this.#end(wireError(error))
      })
    )
    await Promise.all(loops)
    signal.removeEventListener('abort', stop)
    await this.#leave()
    await Promise.all(this.#serving)
    this.#ended.resolve()
  }

  /** Ends a session that never ran: its Intro was refused. */
  async refuse(error: WireError): Promise<void> {
    this.#end(error)
    await this.#leave()
    this.#ended.resolve()
  }

  #end(error: WireError | null): void {
    if (this.#over.signal.aborted) return
    this.#error = error
    const reason = error ?? new WireError('CLOSED', 'the session is over')
    this.#over.abort(reason)
    this.#asks.close(reason)
  }

  async #leave(): Promise<void> {
    if (this.#byeReceived)
      await this.#stream.finish({ timeoutMs: this.#times.closeMs }).catch((error: unknown) => {
        this.#stream.abort(error)
      })
    else await sayBye(this.#stream, this.#error, this.#times.closeMs)
  }

  async #ask<T>(ask: Ask, options: AskOptions, check: (answer: Answer) => T): Promise<T> {
    return this.#asks.ask(
      (id) => {
        this.#urgent.push({ bytes: encodeOwn({ kind: 'request', id, ask }), answers: false })
        this.#wakeWriter?.()
      },
      check,
      options
    )
  }

  #tell(notice: Notice): void {
    const frame = encodeOwn({ kind: 'notice', notice })
    if (this.#over.signal.aborted) return
    this.#told.push(frame, frame.byteLength)
    this.#wakeWriter?.()
  }

  async #read(): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      const bytes = await this.#stream.read({ signal })
      if (bytes === null) throw new WireError('CLOSED', 'the peer left without a Bye')
      const frame = decodeFrame(bytes)
      switch (frame.kind) {
        case 'intro':
          throw new WireError('INVALID_FRAME', 'a second Intro')
        case 'request':
          await this.#serve(frame.id, frame.ask)
          break
        case 'reply':
          this.#asks.resolve(frame.id, frame.answer)
          break
        case 'notice':
          // SPEC hello §7: "A notice that is above the sender's quota may be dropped."
          if ((await this.#stream.charge(noticeUnits(frame.notice), signal, this.#times.busyAfterMs)) > 0) break
          this.#heard.push(frame.notice, bytes.byteLength)
          this.#wakeHandler?.()
          break
        case 'bye':
          this.#byeReceived = true
          this.#end(frame.refusal === null ? null : new WireError(frame.refusal, `the peer says ${frame.refusal}`))
          return
      }
    }
  }

  async #serve(id: number, ask: Ask): Promise<void> {
    if (id <= this.#lastRequest) throw new WireError('INVALID_FRAME', 'ids rise')
    // SPEC hello §5: "More than 8 unanswered requests of one side are a violation."
    if (this.#unanswered >= MAX_IN_FLIGHT)
      throw new WireError('TOO_LARGE', `more than ${MAX_IN_FLIGHT} unanswered requests`)
    this.#lastRequest = id
    this.#unanswered++
    // A peer over its quota is read more slowly.
    const waitMs = await this.#stream.charge(askUnits(ask), this.#over.signal, this.#times.busyAfterMs)
    const answer = waitMs > 0 ? Promise.resolve(busyReply(id, waitMs)) : this.#handler.frame(id, ask, this.#over.signal)
    const serving = answer
      .then(
        (bytes) => {
          this.#urgent.push({ bytes, answers: true })
          this.#wakeWriter?.()
        },
        (error: unknown) => {
          this.#end(wireError(error))
        }
      )
      .finally(() => {
        this.#serving.delete(serving)
      })
    this.#serving.add(serving)
  }

  async #write(): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      const urgent = this.#urgent.shift()
      const bytes = urgent?.bytes ?? this.#told.shift()
      if (bytes === undefined) {
        await waitFor({ signal }, (wake) => {
          this.#wakeWriter = wake
          return () => {
            this.#wakeWriter = undefined
          }
        })
        continue
      }
      // Handed over before this waits: the peer may have the reply, and ask again, before the stream takes more from
      // us.
      const written = this.#stream.write(bytes, { signal, timeoutMs: this.#times.stallMs })
      if (urgent?.answers === true) this.#unanswered--
      await written
    }
  }

  async #handle(): Promise<void> {
    const { signal } = this.#over
    for (;;) {
      const notice = this.#heard.shift()
      if (notice === undefined) {
        await waitFor({ signal }, (wake) => {
          this.#wakeHandler = wake
          return () => {
            this.#wakeHandler = undefined
          }
        })
      } else {
        await this.#hear(notice, signal)
      }
    }
  }

  async #hear(notice: Notice, signal: AbortSignal): Promise<void> {
    try {
      // A handler that hangs must neither stop the others nor keep the session from ending.
      await inTime(async () => this.#dispatch(notice), signal, this.#times.replyMs, 0)
    } catch (error) {
      signal.throwIfAborted()
      if (isViolation(error)) this.#end(error)
      else if (!(error instanceof WireError && isRefusal(error.code))) this.#source.onError(this.peer, error)
    }
  }

  async #dispatch(notice: Notice): Promise<void> {
    if (notice.kind === 'heads') await this.#source.onHeads(this.peer, notice.heads)
    else if (notice.kind === 'evidence') await this.#source.onEvidence(this.peer, notice.ledger, notice.evidence)
    else await this.#source.onRecord(this.peer, notice.record, this.intro)
  }
}

function mismatch(): never {
  throw new WireError('INVALID_FRAME', 'the reply answers something else')
}
