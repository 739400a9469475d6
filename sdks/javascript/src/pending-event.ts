/** The fluent builder: who acts and in which session is said once, then one `track` call per event. */
import { activeTrace } from "./tracing.js";
import type { Actor, Change, EventPayload, EventResponse, Instant, Resource, Target } from "./types.js";

/** What takes a finished event: a client, or its background queue. */
export interface Tracks<Receipt> {
  track(payload: EventPayload): Receipt;
}

/**
 * Builds events and hands them on; kept and used again for any number of `track` calls.
 *
 * Who, where and in which session holds for every event that follows. What belongs to one event only, `idempotencyKey`, `occurredAt` and
 * `changes`, holds for the next `track` call and no longer: a key that stayed would make every later event a duplicate of the first.
 */
export class EventBuilder<Receipt> {
  private readonly lasting: Partial<EventPayload>;
  private once: Partial<EventPayload> = {};
  private touched: Target[] = [];
  /** The trace that a request named, for where no span is active. */
  heardTrace: string | undefined;

  constructor(
    private readonly client: Tracks<Receipt>,
    actor: Actor,
  ) {
    this.lasting = {};
    this.by(actor);
  }

  /** Who acts from here on. */
  by(actor: Actor): this {
    return this.with({ actor_id: String(actor.id), actor_name: actor.name, actor_type: actor.type });
  }

  /** The key of the next event; an event whose key was seen before is not stored again. */
  idempotencyKey(key: string): this {
    this.once.idempotency_key = key;
    return this;
  }

  /** When the next event happened, if that is not now. */
  occurredAt(time: Instant): this {
    this.once.occurred_at = time;
    return this;
  }

  /** What the next event changed: `{ title: { old: "Draft", new: "Report" } }`. */
  changes(changes: Record<string, Change>): this {
    this.once.changes = changes;
    return this;
  }

  /** The version of the event schema. */
  version(v: number): this {
    return this.with({ version: v });
  }

  /** The session that the events belong to. */
  session(id: string | undefined): this {
    return this.with({ session_id: id });
  }

  actionCategory(category: string): this {
    return this.with({ action_category: category });
  }

  /** The customer of yours in whose account this happens. */
  tenant(id: string | undefined): this {
    return this.with({ tenant_id: id });
  }

  /** The end user's address; without it, the server takes the one that the request came from. */
  ipAddress(address: string | undefined): this {
    return this.with({ ip_address: address });
  }

  /** The end user's `User-Agent`. */
  userAgent(text: string | undefined): this {
    return this.with({ user_agent: text });
  }

  /** The person in whose name the actor acts: impersonation, an agent, a job. */
  onBehalfOf(person: Actor): this {
    return this.with({ on_behalf_of: { ...person, id: String(person.id) } });
  }

  /** The trace that the events can be found in; without it that of OpenTelemetry's active span. */
  trace(id: string | undefined): this {
    return this.with({ trace_id: id });
  }

  /** The request that the application's own logs name. */
  request(id: string | undefined): this {
    return this.with({ request_id: id });
  }

  /** Add something that the actions also touch. */
  target(type: string, id?: string, name?: string, metadata?: Record<string, unknown>): this {
    this.touched.push({ type, id, name, metadata });
    return this;
  }

  /** Set all targets at once; an empty list takes them away. */
  targets(targets: Target[]): this {
    this.touched = [...targets];
    return this;
  }

  /** Hand the event on. `resource` is a resource's type, or an object of `type`, `id` and `name`. */
  track(action: string, resource?: string | Resource | null, metadata?: Record<string, unknown>): Receipt {
    const once = this.once;
    this.once = {};
    const event = {
      ...this.lasting,
      trace_id: this.lasting.trace_id ?? activeTrace() ?? this.heardTrace,
      ...resourceFields(resource),
      ...once,
      action,
      metadata: metadata && Object.keys(metadata).length > 0 ? { ...metadata } : undefined,
      targets: this.touched.length > 0 ? [...this.touched] : undefined,
    };
    const given = Object.entries(event).filter(([, value]) => value !== undefined && value !== null && value !== "");
    return this.client.track(Object.fromEntries(given) as unknown as EventPayload);
  }

  private with(fields: Partial<EventPayload>): this {
    Object.assign(this.lasting, fields);
    return this;
  }
}

/** The builder of a client: `track` sends the event, and its promise is the receipt. */
export class PendingEvent extends EventBuilder<Promise<EventResponse>> {}

/** The builder of a queue: `track` returns as soon as the event is taken. */
export class QueuedEvent extends EventBuilder<void> {}

function resourceFields(resource: string | Resource | null | undefined): Partial<EventPayload> {
  if (typeof resource === "string") return { resource };
  return resource ? { resource: resource.type, resource_id: resource.id, resource_name: resource.name } : {};
}

/** `actor(id, { name, type })` and `actor({ id, name, type })` are the same. */
export function actorOf(actor: Actor | string | number, more: Omit<Actor, "id"> = {}): Actor {
  return typeof actor === "object" ? actor : { ...more, id: String(actor) };
}
