/**
 * The background queue: `track` takes an event at once and never waits; batches leave one after the other. An event that was taken is
 * acknowledged by the server, written to the spool, or told to `onGiveUp`; there is no fourth way, short of a process that is killed.
 */
import { platform } from "#platform";
import { ImmutableError } from "./errors.js";
import type { Ledger } from "./ledger.js";
import { actorOf, QueuedEvent } from "./pending-event.js";
import type { Spool } from "./platform.js";
import { post } from "./request.js";
import { delayOf, PATIENT_RETRY, type RetryPolicy } from "./retry.js";
import type { Outcome, Transport } from "./transport.js";
import type { Actor, BatchReceipts, EventPayload, EventResponse, OnGiveUp, RejectedEvent } from "./types.js";

export interface QueueSettings {
  /** Events held in memory; beyond, the oldest go to the spool, and without one the newest are given up. */
  maxEvents: number;
  /** Their size as JSON, at most. */
  maxBytes: number;
  /** Most events in one request. */
  batchSize: number;
  /** How long the first event of a batch waits for company. */
  lingerMs: number;
  /** How long `close`, and so the end of the process, waits for what is still unsent. */
  exitMs: number;
  /** How long a batch is tried before it goes to the spool or is given up. */
  retry: RetryPolicy;
}

const DEFAULTS: QueueSettings = {
  maxEvents: 10_000,
  maxBytes: 32 * 1024 * 1024,
  batchSize: 100,
  lingerMs: 50,
  exitMs: 8_000,
  retry: PATIENT_RETRY,
};
/** A request body stays well below what servers and proxies take. */
const BATCH_BYTES = 512 * 1024;
/** What a failure that says nothing of the events looks like: they may be delivered later. */
const TEMPORARY = new Set([0, 401, 403, 429, 500, 502, 503, 504]);

/** The server refused the request as a whole, for its size or for an event that it could not read. */
const SPLIT = new Set([400, 413, 422]);

interface Waiting {
  event: EventPayload;
  bytes: number;
}

export class EventQueue {
  private readonly settings: QueueSettings;
  private readonly spool: Spool | undefined;
  private readonly onGiveUp: OnGiveUp;
  private readonly leave: () => void;
  private waiting: Waiting[] = [];
  private inFlight: Waiting[] = [];
  private bytes = 0;
  private working: Promise<void> | undefined;
  private closesAt: number | undefined;
  private wake: () => void = () => {};
  private flushes: Array<{ goal: number; done: () => void }> = [];
  private accepted = 0;
  private abandoned = false;
  /** Of the batch in flight. */
  private lastFailure: ImmutableError | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly ledger: Ledger,
    { spool, onGiveUp, ...settings }: Partial<QueueSettings> & { spool?: Spool; onGiveUp?: OnGiveUp },
  ) {
    this.settings = { ...DEFAULTS, ...settings, retry: { ...DEFAULTS.retry, ...settings.retry } };
    this.spool = spool;
    this.onGiveUp = onGiveUp ?? tell;
    this.leave = platform.atEnd({
      close: () => this.close(),
      flush: () => this.flush(this.settings.exitMs),
      leave: () => this.abandon("The process ended before the server acknowledged the events"),
    });
    if (spool !== undefined && spool.files().length > 0) this.start();
  }

  /** Begin to say who acts, as with a client; `track` takes the event and returns at once. */
  actor(actor: Actor | string | number, more?: Omit<Actor, "id">): QueuedEvent {
    return new QueuedEvent(this, actorOf(actor, more));
  }

  /**
   * Take an event; `occurred_at` becomes now where it is not given. Never waits. Without room the oldest go to the spool or,
   * where that is full too, are given up; without a spool the event itself is. The counters and `onGiveUp` tell. Throws TypeError for what JSON cannot hold.
   */
  track(payload: EventPayload): void {
    const event = this.ledger.begin({ ...payload, occurred_at: payload.occurred_at ?? new Date() });
    const text = JSON.stringify(event);
    const one = { event: JSON.parse(text) as EventPayload, bytes: text.length };
    if (this.closesAt !== undefined) return this.putAside([one], new ImmutableError("The queue is closed", 0));
    this.makeRoom(one);
    if (!this.fits(one)) return this.putAside([one], new ImmutableError("The queue is full", 0));
    this.waiting.push(one);
    this.accepted++;
    this.bytes += one.bytes;
    this.start();
    if (this.waiting.length >= this.settings.batchSize) this.wake();
  }

  /** Wait until all that was taken so far is settled; false if `timeoutMs` did not suffice. */
  async flush(timeoutMs?: number): Promise<boolean> {
    if (this.held === 0) return true;
    const flush = { goal: this.accepted, done: () => {} };
    const settled = new Promise<true>((done) => (flush.done = () => done(true)));
    this.flushes.push(flush);
    this.wake();
    let timer: unknown;
    const late = new Promise<false>((done) => {
      if (timeoutMs !== undefined) timer = setTimeout(() => done(false), timeoutMs);
    });
    try {
      return await Promise.race([settled, late]);
    } finally {
      clearTimeout(timer as number | undefined);
      this.flushes = this.flushes.filter((one) => one !== flush);
    }
  }

  /** Take no more, send what waits, and put aside what could not be sent in `timeoutMs`. True if nothing was left over. */
  async close(timeoutMs = this.settings.exitMs): Promise<boolean> {
    this.closesAt ??= Date.now() + timeoutMs;
    this.wake();
    const isDone = await this.flush(Math.max(0, this.closesAt - Date.now()));
    this.leave();
    this.abandon("The queue was closed before the server acknowledged the events");
    return isDone;
  }

  /** How many events were taken and are not settled yet. */
  get held(): number {
    return this.waiting.length + this.inFlight.length;
  }

  private fits(one: Waiting): boolean {
    return this.held < this.settings.maxEvents && this.bytes + one.bytes <= this.settings.maxBytes;
  }

  /** With a spool, the oldest of what waits goes there where there is no room: a batch to a file, as a file for each event would hold up the caller. */
  private makeRoom(one: Waiting): void {
    while (this.spool !== undefined && this.waiting.length > 0 && !this.fits(one)) {
      const oldest = this.nextBatch();
      this.putAside(oldest, new ImmutableError("The queue is full", 0));
      this.taken(oldest);
    }
  }

  /** Put aside whatever is left, at once. */
  private abandon(why: string): void {
    const left = [...this.inFlight, ...this.waiting];
    this.closesAt ??= Date.now();
    this.abandoned = true;
    this.inFlight = [];
    this.waiting = [];
    this.bytes = 0;
    this.wake();
    const failed = this.lastFailure === undefined ? "" : `; the last try failed: ${this.lastFailure.message}`;
    if (left.length > 0) this.putAside(left, new ImmutableError(why + failed, 0));
  }

  private start(): void {
    this.working ??= this.work().finally(() => {
      this.working = undefined;
      if (this.waiting.length > 0 && !this.abandoned) this.start();
    });
  }

  private async work(): Promise<void> {
    await this.replay();
    while (this.waiting.length > 0 && !this.abandoned) {
      if (this.waiting.length < this.settings.batchSize && this.flushes.length === 0) await this.nap(this.settings.lingerMs);
      this.inFlight = this.nextBatch();
      this.lastFailure = undefined;
      await this.deliver(this.inFlight);
    }
  }

  private nextBatch(): Waiting[] {
    let bytes = 0;
    const fits = this.waiting.slice(0, this.settings.batchSize).findIndex((one, place) => (bytes += one.bytes) > BATCH_BYTES && place > 0);
    return this.waiting.splice(0, fits === -1 ? this.settings.batchSize : fits);
  }

  /** Send a batch until its fate is known. */
  private async deliver(batch: Waiting[]): Promise<void> {
    const started = Date.now();
    for (let retriesDone = 0; ; retriesDone++) {
      const outcome = await this.attempt(batch.map((one) => one.event));
      if (this.abandoned) return;
      if ("data" in outcome) return this.settle(batch, outcome.data as unknown as BatchReceipts);
      if (SPLIT.has(outcome.error.statusCode) && batch.length > 1) {
        // Halving finds the one event that spoils the rest, and fits a server with a lower limit.
        const half = batch.length >> 1;
        await this.deliver(batch.slice(0, half));
        return this.deliver(batch.slice(half));
      }
      const delay = outcome.mayRetry ? delayOf(this.settings.retry, retriesDone, Date.now() - started, outcome.error.retryAfter) : undefined;
      const closesFirst = delay !== undefined && this.closesAt !== undefined && Date.now() + delay > this.closesAt;
      if (delay === undefined || closesFirst) {
        this.putAside(batch, outcome.error);
        return this.taken(batch);
      }
      this.lastFailure = outcome.error;
      this.ledger.stats.retried++;
      await this.nap(delay);
      if (this.abandoned) return;
    }
  }

  private attempt(events: EventPayload[]): Promise<Outcome> {
    return this.transport.attempt(post("/v1/events/batch", { events }));
  }

  private settle(batch: Waiting[], { events: receipts }: BatchReceipts): void {
    batch.forEach(({ event }, place) => {
      const why = refusal(receipts?.[place]);
      if (why === undefined) this.ledger.stats.sent++;
      else this.giveUp([event], why);
    });
    this.taken(batch);
  }

  private taken(batch: Waiting[]): void {
    this.inFlight = this.inFlight.filter((one) => !batch.includes(one));
    for (const one of batch) this.bytes -= one.bytes;
    const settled = this.accepted - this.held;
    for (const flush of this.flushes) if (flush.goal <= settled) flush.done();
  }

  /** Keep in the spool what may be delivered later; give up the rest. */
  private putAside(batch: Waiting[], error: ImmutableError): void {
    const events = batch.map((one) => one.event);
    let why = error;
    if (this.spool !== undefined && TEMPORARY.has(error.statusCode)) {
      try {
        this.spool.write(events);
        this.ledger.stats.spooled += events.length;
        return;
      } catch (failed) {
        why = new ImmutableError(`${error.message}; and the spool: ${String(failed)}`, error.statusCode, error.responseBody);
      }
    }
    this.giveUp(events, why);
  }

  private giveUp(events: EventPayload[], error: ImmutableError): void {
    this.ledger.stats.givenUp += events.length;
    try {
      this.onGiveUp(events, error);
    } catch (failed) {
      console.error("getimmutable: onGiveUp failed:", failed);
      tell(events, error);
    }
  }

  /** Send what earlier runs left in the spool. A file goes only after the fate of all its events is known. */
  private async replay(): Promise<void> {
    for (const file of this.spool?.files() ?? []) {
      const { events, unreadable } = this.spool!.read(file);
      const fates: Array<[EventPayload, ImmutableError | undefined]> = [];
      for (let start = 0; start < events.length; start += this.settings.batchSize) {
        if (!(await this.resend(events.slice(start, start + this.settings.batchSize), fates))) return;
      }
      if (this.abandoned) return;
      this.spool!.remove(file);
      if (unreadable > 0) console.error(`getimmutable: ${unreadable} lines of the spool's file ${file} were no events`);
      this.ledger.stats.queued += events.length;
      for (const [event, error] of fates) {
        if (error === undefined) this.ledger.stats.sent++;
        else this.giveUp([event], error);
      }
    }
  }

  /** False where the server is away, so that the file has to stay. */
  private async resend(events: EventPayload[], fates: Array<[EventPayload, ImmutableError | undefined]>): Promise<boolean> {
    const outcome = await this.attempt(events);
    if ("data" in outcome) {
      const { events: receipts } = outcome.data as unknown as BatchReceipts;
      events.forEach((event, place) => fates.push([event, refusal(receipts?.[place])]));
      return true;
    }
    if (TEMPORARY.has(outcome.error.statusCode)) return false;
    if (SPLIT.has(outcome.error.statusCode) && events.length > 1) {
      const half = events.length >> 1;
      return (await this.resend(events.slice(0, half), fates)) && this.resend(events.slice(half), fates);
    }
    fates.push(...events.map((event): [EventPayload, ImmutableError] => [event, outcome.error]));
    return true;
  }

  /** Wait, but not past the moment at which somebody wants the queue empty. */
  private nap(ms: number): Promise<void> {
    const closing = this.closesAt === undefined ? ms : Math.min(ms, Math.max(0, this.closesAt - Date.now()));
    return new Promise((done) => {
      const timer = setTimeout(done, closing);
      // Waiting for a server that is away does not keep a process that is done; its end closes the queue.
      if (this.closesAt === undefined) platform.unref(timer);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

/** Why the server did not keep an event; undefined where its receipt says that it did. */
function refusal(receipt: EventResponse | RejectedEvent | undefined): ImmutableError | undefined {
  if (receipt === undefined) return new ImmutableError("The server's answer does not name each event of the batch", 0);
  return receipt.status === "rejected" ? new ImmutableError(receipt.error, 422, receipt) : undefined;
}

function tell(events: EventPayload[], error: ImmutableError): void {
  console.error(`getimmutable: ${events.length} events could not be sent: ${error.message} ${error.detail ?? ""}`);
}
