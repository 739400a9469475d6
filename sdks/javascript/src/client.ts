/** The client: every call of the API, once. How a request is sent is in `transport.ts`. */
import { platform } from "#platform";
import { ImmutableError } from "./errors.js";
import { EventQueue, type QueueSettings } from "./event-queue.js";
import { Ledger } from "./ledger.js";
import { actorOf, PendingEvent } from "./pending-event.js";
import type { Spool } from "./platform.js";
import { get, getFile, path, post, type ApiRequest } from "./request.js";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.js";
import { sessionHash } from "./session-hash.js";
import { Transport } from "./transport.js";
import type * as api from "./types.js";

/** The most items that the server puts on one page. */
const MAX_PAGE = 100;
const SPOOL_MAX_BYTES = 64 * 1024 * 1024;

/** Keys begin with `imk_`; a viewer token is a JWT. */
const VIEWER_TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

export class ImmutableClient {
  private readonly transport: Transport;
  private readonly retry: RetryPolicy;
  private readonly ledger: Ledger;
  private readonly config: api.ImmutableConfig;
  /** One for all queues: it knows how full it is. */
  private spool: Spool | undefined;
  /** Where events and sessions are read. */
  private readonly read: string;

  constructor(config: api.ImmutableConfig) {
    this.config = config;
    this.read = VIEWER_TOKEN.test(config.apiKey) ? "/v1/viewer" : "/v1";
    this.retry = { ...DEFAULT_RETRY, ...config.retry };
    this.ledger = new Ledger(config.producer);
    this.transport = new Transport({
      apiKey: config.apiKey,
      baseUrl: config.baseUrl,
      timeoutMs: config.timeout ?? 5000,
      fetch: config.fetch ?? ((...call) => fetch(...call)),
      onRetry: () => void this.ledger.stats.retried++,
    });
  }

  /** Begin to say who acts; `session`, `track` and more follow on what this returns. */
  actor(actor: api.Actor): PendingEvent;
  actor(id: string | number, more?: Omit<api.Actor, "id">): PendingEvent;
  actor(actor: api.Actor | string | number, more?: Omit<api.Actor, "id">): PendingEvent {
    return new PendingEvent(this, actorOf(actor, more));
  }

  /** Send one event; resolves with its receipt once it is durable. */
  async track(payload: api.EventPayload): Promise<api.EventResponse> {
    const request = post("/v1/events", this.ledger.begin(payload));
    return this.ledger.watch(1, this.send<api.EventResponse>(request), () => 1);
  }

  /**
   * Send up to 100 events in one request, kept adjacent and in order. An invalid one is `rejected` in its place and the others are kept;
   * with `atomic`, one invalid event refuses all of them.
   */
  async trackBatch(events: api.EventPayload[], options: { atomic?: boolean } = {}): Promise<api.BatchResponse> {
    const body = { events: events.map((event) => this.ledger.begin(event)) };
    const request = post(options.atomic ? "/v1/events/batch?atomic=true" : "/v1/events/batch", body);
    const sent = ({ events: receipts }: api.BatchReceipts) => receipts.filter((one) => one.status !== "rejected").length;
    return (await this.ledger.watch(events.length, this.send<api.BatchReceipts>(request), sent)) as api.BatchResponse;
  }

  /** Take events at once and send them in the background; see `EventQueue`. */
  queue(settings: Partial<QueueSettings> = {}): EventQueue {
    const { spoolDir, spoolMaxBytes, onGiveUp } = this.config;
    if (spoolDir !== undefined) this.spool ??= platform.openSpool(spoolDir, spoolMaxBytes ?? SPOOL_MAX_BYTES);
    return new EventQueue(this.transport, this.ledger, { ...settings, spool: this.spool, onGiveUp });
  }

  /** The counters of this client and its queues, as they are now. */
  stats(): api.Stats {
    return { ...this.ledger.stats };
  }

  /** What is sent for a session id that was captured automatically. */
  hashedSession(id: string): Promise<string> {
    return sessionHash(id, this.config.sessionSecret || platform.environment("IMMUTABLE_SESSION_SECRET") || this.config.apiKey);
  }

  /** One page of the events that meet all filters: newest first, those of a session oldest first. */
  async getEvents(filters?: api.QueryFilters): Promise<api.QueryResult> {
    return this.send(get(`${this.read}/events`, filters));
  }

  async getEvent(id: string): Promise<{ data: api.Event }> {
    return this.send(get(path`/v1/events/${id}`));
  }

  /** One page of the sessions that meet all filters, newest first. */
  async getSessions(filters?: api.SessionFilters): Promise<api.Page<api.SessionSummary>> {
    return this.send(get(`${this.read}/sessions`, filters));
  }

  /** A session's summary and, as `timeline`, its events oldest first with the time between them. */
  async getSession(id: string, page?: api.PageFilters): Promise<api.SessionResult> {
    return this.send(get(this.read + path`/sessions/${id}`, page));
  }

  /** One page of all that happened to a resource, as resource or as target, across sessions, oldest first. */
  async getResourceHistory(type: string, id: string, page?: api.PageFilters): Promise<api.Page<api.HistoryEvent>> {
    return this.send(get(path`/v1/resources/${type}/${id}/history`, page));
  }

  /** Every event of all pages. */
  iterEvents(filters: api.QueryFilters = {}): AsyncGenerator<api.Event, void, undefined> {
    return pages((page) => this.getEvents({ ...filters, ...page }), filters);
  }

  /** Every session of all pages. */
  iterSessions(filters: api.SessionFilters = {}): AsyncGenerator<api.SessionSummary, void, undefined> {
    return pages((page) => this.getSessions({ ...filters, ...page }), filters);
  }

  /** Every event of a resource. */
  iterResourceHistory(type: string, id: string, page: api.PageFilters = {}): AsyncGenerator<api.HistoryEvent, void, undefined> {
    return pages((next) => this.getResourceHistory(type, id, next), page);
  }

  /** Every alert of all pages. */
  iterAlerts(filters: api.AlertFilters = {}): AsyncGenerator<api.AlertItem, void, undefined> {
    return pages((page) => this.getAlerts({ ...filters, ...page }), filters);
  }

  /** Have the server check the hash chain, whole or in a range of time. Without a `limit` all parts of a long log make one verdict. */
  async verify(options?: api.VerifyOptions): Promise<api.VerifyResult>;
  async verify(from?: api.Instant, to?: api.Instant, limit?: number): Promise<api.VerifyResult>;
  async verify(from?: api.Instant | api.VerifyOptions, to?: api.Instant, limit?: number): Promise<api.VerifyResult> {
    const isOptions = typeof from === "object" && !(from instanceof Date);
    const options: api.VerifyOptions = isOptions ? from : { from: from || undefined, to: to || undefined, limit };
    const whole = await this.send<api.VerifyResult>(get("/v1/verify", options));
    let next = whole.data.next_cursor;
    const seen = new Set<string>();
    while (options.limit === undefined && next) {
      unseen(next, seen);
      const { data } = await this.send<api.VerifyResult>(get("/v1/verify", { ...options, cursor: next }));
      next = data.next_cursor;
      whole.data = joined(whole.data, data);
    }
    return whole;
  }

  /** One page of the signed checkpoints, newest first. */
  async getCheckpoints(page?: api.PageFilters): Promise<api.CursorPage<api.CheckpointData>> {
    return this.send(get("/v1/checkpoints", page));
  }

  /** Every checkpoint of all pages. */
  iterCheckpoints(page: api.PageFilters = {}): AsyncGenerator<api.CheckpointData, void, undefined> {
    return pages((next) => this.getCheckpoints({ ...page, ...next }), page);
  }

  /** The signed checkpoint of the first `size` events, else the latest. `not_found` while nothing was signed: the server signs within a second or so. */
  async getCheckpoint(size?: number): Promise<api.CheckpointResult> {
    return this.send(get(path`/v1/checkpoints/${size ?? "latest"}`));
  }

  /** The proof that an event is in the checkpoint of `size` events, else in the latest; 409 while the event is newer. Check it with `getimmutable/proofs`. */
  async getInclusionProof(eventId: string, size?: number): Promise<{ data: api.InclusionData }> {
    return this.send(get(path`/v1/events/${eventId}/proof`, { size }));
  }

  /** The proof that the log of `to` events, else of the latest checkpoint, begins with that of `from`. Check it with `getimmutable/proofs`. */
  async getConsistencyProof(from: number, to?: number): Promise<{ data: api.ConsistencyData }> {
    return this.send(get("/v1/proofs/consistency", { from, to }));
  }

  /** The public keys that check checkpoints, retired ones too. */
  async getSigningKeys(): Promise<{ data: api.SigningKeyData[] }> {
    return this.send(get("/v1/signing-keys"));
  }

  /**
   * The evidence pack of a session, a ZIP archive that proves, offline, what the log says of it (`immutable-verify`). Resolves with the answer
   * of `fetch` as it begins to come: `.body` is a stream, `.blob()` and `.arrayBuffer()` have it whole. The log tells of every pack that is made.
   */
  async getSessionEvidence(sessionId: string, options?: api.EvidenceOptions): Promise<Response> {
    return this.send(getFile(path`/v1/sessions/${sessionId}/evidence`, options));
  }

  /** The evidence pack of all that happened to a resource; as `getSessionEvidence`. */
  async getResourceEvidence(type: string, id: string, options?: api.EvidenceOptions): Promise<Response> {
    return this.send(getFile(path`/v1/resources/${type}/${id}/evidence`, options));
  }

  /** The evidence pack of the events that meet all filters; as `getSessionEvidence`. */
  async getEvidence(filters?: api.EvidenceFilters): Promise<Response> {
    return this.send(getFile("/v1/evidence", filters));
  }

  /**
   * Make a link by which whoever has it reads one case (a session, a resource's history, or what meets filters), without a key, for `ttl` seconds
   * (a week). Its address is the server's, followed by the answer's `path`, which is told this once. Needs an `admin` key, as all of share links.
   */
  async createShareLink({ sessionId: session_id, ...more }: api.ShareLinkOptions): Promise<{ data: api.ShareLinkData }> {
    return this.send(post("/v1/evidence/links", { session_id, ...more }, false));
  }

  /** One page of the share links, newest first. */
  async getShareLinks(page?: api.PageFilters): Promise<api.CursorPage<api.ShareLinkData>> {
    return this.send(get("/v1/evidence/links", page));
  }

  /** Every share link of all pages. */
  iterShareLinks(page: api.PageFilters = {}): AsyncGenerator<api.ShareLinkData, void, undefined> {
    return pages((next) => this.getShareLinks({ ...page, ...next }), page);
  }

  /** Take a share link back: it shows nothing from now on. The log keeps the reason. */
  async revokeShareLink(id: string, reason: string): Promise<{ data: api.ShareLinkData }> {
    return this.send(post(path`/v1/evidence/links/${id}/revoke`, { reason }, false));
  }

  /** Make a token for the embeddable viewer and for browsers that reads only what the given ids cover. */
  async createViewerToken(options: api.ViewerTokenOptions): Promise<api.ViewerTokenResponse> {
    const { tenantId: tenant_id, actorId: actor_id, sessionId: session_id, ttl } = options;
    return this.send(post("/v1/viewer-token", { tenant_id, actor_id, session_id, ttl }));
  }

  async getAlerts(filters?: api.AlertFilters): Promise<api.AlertResult> {
    return this.send(get("/v1/alerts", filters));
  }

  /** Begin an export of the events that meet all filters. Not sent again where it may have begun. */
  async createExport(filters: api.ExportFilters = {}): Promise<api.ExportResponse> {
    return this.send(post("/v1/exports", filters, false));
  }

  /** How far an export is, and once it is completed, where its file lies. */
  async getExport(id: string): Promise<api.ExportStatus> {
    return this.send(get(path`/v1/exports/${id}`));
  }

  async getAnchors(limit?: number): Promise<api.AnchorListResult> {
    return this.send(get("/v1/anchors", { limit }));
  }

  async getAnchor(id: string): Promise<api.AnchorDetailResult> {
    return this.send(get(path`/v1/anchors/${id}`));
  }

  /** Have the server compute an anchor's Merkle root again and compare. */
  async verifyAnchor(id: string): Promise<api.AnchorVerifyResult> {
    return this.send(get(path`/v1/anchors/${id}/verify`));
  }

  private send<T>(request: ApiRequest): Promise<T> {
    return this.transport.send<T>(request, this.retry);
  }
}

/** One verdict about two parts of a log, one behind the other. */
function joined(first: api.VerifyResult["data"], second: api.VerifyResult["data"]): api.VerifyResult["data"] {
  return {
    ...second,
    valid: first.valid && second.valid,
    events_checked: first.events_checked + second.events_checked,
    breaks: [...first.breaks, ...second.breaks],
    details_erased: (first.details_erased ?? 0) + (second.details_erased ?? 0),
    erased: [...(first.erased ?? []), ...(second.erased ?? [])],
    scope: [...(first.scope ?? []), ...(second.scope ?? [])],
    first_sequence: first.first_sequence ?? second.first_sequence,
  };
}

async function* pages<Item>(
  read: (page: api.PageFilters) => Promise<api.CursorPage<Item>>,
  { cursor, limit = MAX_PAGE }: api.PageFilters,
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>();
  for (let next: string | null | undefined = cursor; ; ) {
    const page = await read({ limit, cursor: next });
    yield* page.data;
    next = page.pagination.next_cursor;
    if (!page.pagination.has_more || !next) return;
    unseen(next, seen);
  }
}

/** A server that answers with the same cursor again must not keep the caller for ever. */
function unseen(cursor: string, seen: Set<string>): void {
  if (seen.has(cursor)) throw new ImmutableError("The server's pages go in a circle", 200);
  seen.add(cursor);
}
