/** The same client, its calls in groups. */
import { ImmutableClient } from "./client.js";
import { actorOf, PendingEvent } from "./pending-event.js";
import type * as api from "./types.js";

export class Immutable {
  readonly client: ImmutableClient;

  constructor(config: api.ImmutableConfig) {
    this.client = new ImmutableClient(config);
  }

  actor(actor: api.Actor): PendingEvent;
  actor(id: string | number, more?: Omit<api.Actor, "id">): PendingEvent;
  actor(actor: api.Actor | string | number, more?: Omit<api.Actor, "id">): PendingEvent {
    return new PendingEvent(this.client, actorOf(actor, more));
  }

  get events() {
    const client = this.client;
    return {
      list: (filters?: api.QueryFilters): Promise<api.QueryResult> => client.getEvents(filters),
      get: (id: string): Promise<{ data: api.Event }> => client.getEvent(id),
      verify: (from?: api.Instant, to?: api.Instant, limit?: number): Promise<api.VerifyResult> => client.verify(from, to, limit),
      createExport: (filters?: api.ExportFilters): Promise<api.ExportResponse> => client.createExport(filters),
      getExport: (id: string): Promise<api.ExportStatus> => client.getExport(id),
    };
  }

  get sessions() {
    const client = this.client;
    return {
      list: (filters?: api.SessionFilters): Promise<api.Page<api.SessionSummary>> => client.getSessions(filters),
      get: (id: string, page?: api.PageFilters): Promise<api.SessionResult> => client.getSession(id, page),
    };
  }

  get alerts() {
    const client = this.client;
    return { list: (filters?: api.AlertFilters): Promise<api.AlertResult> => client.getAlerts(filters) };
  }

  get anchors() {
    const client = this.client;
    return {
      list: (limit?: number): Promise<api.AnchorListResult> => client.getAnchors(limit),
      get: (id: string): Promise<api.AnchorDetailResult> => client.getAnchor(id),
      verify: (id: string): Promise<api.AnchorVerifyResult> => client.verifyAnchor(id),
    };
  }
}
