/** What became of a client's events: their numbers as a producer, and the counters that tell that none is lost unseen. */
import { platform } from "#platform";
import { toHex, withKey } from "./idempotency.js";
import type { EventPayload, Stats } from "./types.js";

export class Ledger {
  readonly stats: Stats = { queued: 0, sent: 0, retried: 0, givenUp: 0, spooled: 0 };
  private readonly run = toHex(platform.randomBytes(8));
  private made = 0;

  constructor(private readonly producer: string | undefined) {
    if (producer !== undefined && (producer.length < 1 || producer.length > 255)) {
      throw new TypeError("producer is a name of 1 to 255 characters, such as 'web-3'");
    }
  }

  /** The event with its key and, where the client is a producer, its number: from 1, without gaps, in the order of the calls. */
  begin(payload: EventPayload): EventPayload {
    const event = withKey(payload);
    if (this.producer !== undefined && event.producer === undefined) {
      JSON.stringify(event); // throws for what cannot be sent, before it takes a number
      event.producer = { id: this.producer, run: this.run, sequence: ++this.made };
    }
    this.stats.queued++;
    return event;
  }

  /** Watch over a call that sends `count` events; `acknowledged` says how many of them the answer is a receipt for. */
  async watch<T>(count: number, sending: Promise<T>, acknowledged: (answer: T) => number): Promise<T> {
    let sent = 0;
    try {
      const answer = await sending;
      sent = acknowledged(answer);
      return answer;
    } finally {
      this.stats.sent += sent;
      this.stats.givenUp += count - sent;
    }
  }
}
