/**
 * The shapes of the API that the desk reads, as far as it reads them. Types only: nothing here runs.
 *
 * @typedef {{id: string | null, name: string | null, type: string | null}} Named
 * @typedef {{country: string | null, city: string | null}} Place
 * @typedef {Record<string, {old?: unknown, new?: unknown}>} Changes
 *
 * @typedef {object} Session
 * @property {string} session_id
 * @property {boolean} inferred
 * @property {Named[]} actors
 * @property {string | null} tenant_id
 * @property {string} started_at
 * @property {string} ended_at
 * @property {number} duration_ms
 * @property {number} events_count
 * @property {Record<string, number>} actions
 * @property {number} resources_count
 * @property {Place[]} places
 * @property {string[]} devices
 * @property {number} destructive_count
 *
 * @typedef {object} Step An event in its session, or in the history of a resource.
 * @property {string} id
 * @property {Named} actor
 * @property {string} action
 * @property {Named} resource
 * @property {(Named & {metadata: object | null})[]} targets
 * @property {Record<string, unknown> | null} metadata
 * @property {string | null} tenant_id
 * @property {string | null} session_id
 * @property {string | null} ip_address
 * @property {string | null} ip_country
 * @property {string | null} ip_city
 * @property {string | null} user_agent
 * @property {string | null} [device]
 * @property {string | null} idempotency_key
 * @property {Changes | null} changes
 * @property {Named | null} on_behalf_of
 * @property {string | null} trace_id
 * @property {string | null} request_id
 * @property {{event_hash: string, previous_event_hash: string | null, details_erased?: boolean}} integrity
 * @property {string} occurred_at
 * @property {string} created_at
 * @property {number} sequence
 * @property {number} [elapsed_ms]
 * @property {number} [gap_ms]
 * @property {boolean} [destructive]
 * @property {{kind: "device_changed" | "impossible_travel" | "country_changed", since_sequence: number, seconds: number, km: number | null}[]} [marks]
 * @property {{trace: string | null, logs: string | null, errors: string | null}} [links] By the operator's templates.
 *
 * @typedef {{has_more: boolean, next_cursor: string | null, total: number, total_is_exact?: boolean}} Pagination
 * @typedef {{event_id: string | null, sequence?: number, type: string}} Break
 * @typedef {{first_sequence: number, last_sequence: number, seals: string[]}} SealedRange
 * @typedef {{valid: boolean, events_checked: number, breaks: Break[], next_cursor?: string | null, scope: SealedRange[], signing_halted: string | null}} Verdict
 * @typedef {{origin: string, size: number, root_hash: string, created_at: string, cosignatures: {witness: string, cosigned_at: string | null}[]}} Checkpoint
 * @typedef {{verifier_key: string, public_key: string, first_size: number, created_at: string, retired_at: string | null}} SigningKey
 * @typedef {{id: string, chain: string, status: string, events_count: number, created_at: string, tx_hash: string | null, explorer_url: string | null}} Anchor
 *
 * @typedef {Named & {id: string, events_count: number, last_at: string, matched: string[]}} FoundActor
 * @typedef {{type: string, id: string, name: string | null, events_count: number, last_at: string, matched: string[]}} FoundResource
 * @typedef {{what: "ids" | "texts" | "addresses", phrase: string, from_sequence: number, whole: boolean}} Looked
 *
 * @typedef {object} Found What a search found, the likeliest first.
 * @property {string[]} phrases what was looked for
 * @property {FoundActor[]} actors
 * @property {(Session & {matched: string[]})[]} sessions
 * @property {FoundResource[]} resources
 * @property {Looked[]} looked how far
 *
 * @typedef {{text: string, destructive: boolean, events_count: number, events: {id: string, sequence: number, session_id: string | null}[]}} Sentence
 * @typedef {{zone: string, summary: Sentence[], story: Sentence[], answer: Sentence[], is_whole: boolean}} Told
 *
 * @typedef {Session & {shared: {type: string, id: string}[]}} Neighbour
 *
 * @typedef {{from: string | null, part_seconds: number, counts: number[], counted_from: string | null}} Activity
 *
 * @typedef {{keys: string[], does: string, run: () => void}} Shortcut
 *
 * @typedef {object} Page What a view hands to the frame.
 * @property {string} title
 * @property {Node} node
 * @property {Shortcut[]} [shortcuts]
 * @property {() => void} [onZone] Draw the times again: another zone was chosen.
 * @property {() => void} [entered] The view is on screen.
 * @property {() => void} [leave] Stop what is under way: the view is about to go.
 *
 * @typedef {object} Investigation
 * @property {string} id
 * @property {string} ticket
 * @property {string | null} ticket_url
 * @property {string} title
 * @property {string} created_at
 * @property {string | null} closed_at
 *
 * @typedef {{kind: "session" | "event", id: string, session: Session | null, event: Step | null}} InvestigationItem
 * @typedef {{sequence: number, at: string, by: Named, what: string, item: Named | null, note: string | null}} InvestigationTold
 * @typedef {Investigation & {items: InvestigationItem[], history: InvestigationTold[], has_more_history: boolean}} WholeInvestigation
 */
export {};
