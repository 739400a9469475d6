/** The shapes of what is sent and of what comes back, under the API's own names. */
import type { ImmutableError } from "./errors.js";
import type { RetryPolicy } from "./retry.js";
export type * from "./proof-types.js";

export interface ImmutableConfig {
  /** The key; in a browser a viewer token, which reads events and sessions as far as it covers them, and nothing else. */
  apiKey: string;
  baseUrl: string;
  /** Milliseconds for each try; 5,000 without it. */
  timeout?: number;
  retry?: Partial<RetryPolicy>;
  /** This process's name, such as "web-3": events are numbered, and the server tells of gaps. */
  producer?: string;
  /** The key of `sessionHash` for sessions that are captured automatically; without it IMMUTABLE_SESSION_SECRET, else the API key. */
  sessionSecret?: string;
  /** Where a queue keeps what it cannot deliver, until the next start. Not in browsers. */
  spoolDir?: string;
  /** 64 MiB without it. */
  spoolMaxBytes?: number;
  /** Is told which events of a queue were given up, and why; without it their number goes to `console.error`. */
  onGiveUp?: OnGiveUp;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
}

export type OnGiveUp = (events: EventPayload[], error: ImmutableError) => void;

/** A client's events since it was made, its queues' included; and requests that were sent again. */
export interface Stats {
  queued: number;
  sent: number;
  retried: number;
  /** Neither sent nor kept: thrown to the caller, or told to `onGiveUp`. */
  givenUp: number;
  spooled: number;
}

/** A time: RFC 3339 text, or a Date. */
export type Instant = string | Date;

export interface Actor {
  id: string;
  name?: string;
  type?: string;
}

export interface Resource {
  type: string;
  id?: string;
  name?: string;
}

export interface Target {
  type: string;
  id?: string | null;
  name?: string | null;
  metadata?: Record<string, unknown> | null;
}

export interface Change {
  old: unknown;
  new: unknown;
}

export interface ProducerNumber {
  id: string;
  run: string;
  sequence: number;
}

export interface EventPayload {
  actor_id: string;
  action: string;
  actor_name?: string;
  actor_type?: string;
  action_category?: string;
  resource?: string;
  resource_id?: string;
  resource_name?: string;
  targets?: Target[];
  /** At most 50 keys and 64 KiB. */
  metadata?: Record<string, unknown>;
  tenant_id?: string;
  session_id?: string;
  idempotency_key?: string;
  version?: number;
  occurred_at?: Instant;
  ip_address?: string;
  user_agent?: string;
  changes?: Record<string, Change>;
  on_behalf_of?: Actor;
  trace_id?: string;
  request_id?: string;
  producer?: ProducerNumber;
}

/** A receipt worth keeping. */
export interface EventResponse {
  id: string;
  status: "queued" | "duplicate";
  sequence?: number;
  event_hash?: string;
}

export interface RejectedEvent {
  id: null;
  status: "rejected";
  error: string;
  message: string;
  errors: Record<string, string[]>;
}

export interface BatchResponse {
  events: EventResponse[];
}

/** As `BatchResponse`, for callers who look at what was refused. */
export interface BatchReceipts {
  events: Array<EventResponse | RejectedEvent>;
}

export interface Event {
  id: string;
  actor: { id: string; name: string | null; type: string | null };
  action: string;
  action_category: string | null;
  resource: { type: string | null; id: string | null; name: string | null };
  targets: Target[];
  metadata: Record<string, unknown> | null;
  tenant_id: string | null;
  session_id: string | null;
  ip_address: string | null;
  ip_country: string | null;
  ip_city: string | null;
  user_agent: string | null;
  idempotency_key: string | null;
  version: number | null;
  changes: Record<string, Change> | null;
  on_behalf_of: { id: string; name: string | null; type: string | null } | null;
  trace_id: string | null;
  request_id: string | null;
  producer: { id: string; run: string | null; sequence: number } | null;
  /** `details_erased`: the details were erased, on the record. */
  integrity: { event_hash: string | null; previous_event_hash: string | null; details_erased: boolean };
  occurred_at: string | null;
  created_at: string;
  sequence: number;
  actor_id: string;
  actor_name: string | null;
  actor_type: string | null;
  resource_id: string | null;
  resource_name: string | null;
}

export interface Pagination {
  has_more: boolean;
  next_cursor: string | null;
  total: number;
  /** False: there are at least `total`. */
  total_is_exact: boolean;
}

/** A page of a list that is not counted. */
export interface CursorPage<Item> {
  data: Item[];
  pagination: { has_more: boolean; next_cursor: string | null };
}

export interface Page<Item> extends CursorPage<Item> {
  pagination: Pagination;
}

export interface QueryResult extends Page<Event> {}

export interface PageFilters {
  cursor?: string;
  /** 1 to 100. */
  limit?: number;
}

export interface QueryFilters extends PageFilters {
  actor_id?: string;
  /** Exact, or with `*` as its end: `document.*`. */
  action?: string;
  resource?: string;
  resource_id?: string;
  tenant_id?: string;
  session_id?: string;
  target_type?: string;
  target_id?: string;
  search?: string;
  from?: Instant;
  to?: Instant;
  order?: "asc" | "desc";
}

export interface SessionFilters extends PageFilters {
  actor_id?: string;
  tenant_id?: string;
  resource_id?: string;
  action?: string;
  search?: string;
  inferred?: boolean;
  from?: Instant;
  to?: Instant;
}

export interface SessionSummary {
  session_id: string;
  inferred: boolean;
  actors: Array<{ id: string; name: string | null; type: string | null }>;
  tenant_id: string | null;
  started_at: string;
  ended_at: string;
  duration_ms: number;
  events_count: number;
  actions: Record<string, number>;
  resources_count: number;
  places: Array<{ country: string | null; city: string | null }>;
  devices: string[];
  destructive_count: number;
}

/** An event of a resource's history. */
export interface HistoryEvent extends Event {
  destructive: boolean;
}

/** What stands out at a step against an earlier one by the same actor, so many seconds before: a hint, by rule. */
export interface TimelineMark {
  kind: "device_changed" | "impossible_travel" | "country_changed";
  since_sequence: number;
  seconds: number;
  km: number | null;
}

/** An event of a session's timeline. */
export interface TimelineEvent extends HistoryEvent {
  /** Milliseconds since the session began. */
  elapsed_ms: number;
  /** Milliseconds since the step before. */
  gap_ms: number;
  device: string | null;
  marks: TimelineMark[];
  /** Where to read more, by the templates of the workspace or of the server's operator. */
  links: { trace: string | null; logs: string | null; errors: string | null };
}

export interface SessionResult {
  data: SessionSummary & { timeline: TimelineEvent[] };
  pagination: Pagination;
}

export interface ViewerTokenOptions {
  tenantId?: string;
  actorId?: string;
  sessionId?: string;
  /** Seconds, 60 to 86,400. */
  ttl?: number;
}

export interface ViewerTokenResponse {
  token: string;
  /** The same. */
  viewer_token: string;
  expires_at: number;
}

export interface AlertFilters extends PageFilters {
  rule_type?: string;
  from?: Instant;
  to?: Instant;
}

export interface AlertItem {
  id: string;
  rule_name: string | null;
  rule_type: string | null;
  reason: string;
  event: { id: string; action: string; actor_id: string } | null;
  notified_at: string | null;
  triggered_at: string;
}

export interface AlertResult extends Page<AlertItem> {}

export interface ExportFilters {
  from?: Instant;
  to?: Instant;
  actor_id?: string;
  action?: string;
  resource?: string;
  tenant_id?: string;
  session_id?: string;
  search?: string;
  format?: "csv" | "jsonl" | "parquet";
}

type JobStatus = "pending" | "processing" | "completed" | "failed";

export interface ExportResponse {
  data: { id: string; status: JobStatus };
}

export interface ExportStatus {
  data: {
    id: string;
    status: JobStatus;
    filters: Record<string, string>;
    total_rows: number | null;
    file_size: number | null;
    download_url?: string;
    error_message?: string;
    created_at: string;
    expires_at: string | null;
  };
}
