/** The shapes of verification, checkpoints, proofs, evidence and anchors. */
import type { Instant, Page, QueryFilters } from "./types.js";

export interface VerifyOptions {
  from?: Instant;
  to?: Instant;
  limit?: number;
  cursor?: string;
}

export interface VerifyResult {
  data: {
    valid: boolean;
    events_checked: number;
    breaks: VerifyBreak[];
    /** Events whose details an erasure on the record removed: no break. */
    details_erased: number;
    /** Where they are: the first hundred ranges. */
    erased: Array<{ first_sequence: number; last_sequence: number }>;
    /** The log's own checkpoints that were looked at. */
    checkpoints_checked: number;
    /** The last event that was pruned on the record: the log begins behind it. */
    pruned_through: number;
    first_sequence: number;
    last_sequence: number;
    sessions_checked: boolean;
    /** The checked events, cut where what stands behind them changes; no seals: not signed yet. */
    scope: Array<{ first_sequence: number; last_sequence: number; seals: Array<"signed" | "witnessed" | "anchored"> }>;
    /** Older copies of the log that an operator went on with, on the record. */
    rollbacks: Array<{ sequence: number; events_kept: number; origin: string }>;
    /** Why the server signs nothing more of this log, if so. */
    signing_halted: string | null;
    is_complete: boolean;
    next_cursor?: string | null;
  };
}

/** A place where the log is not what was hashed. */
export interface VerifyBreak {
  event_id: string | null;
  type: string;
  kind: string;
  sequence: number;
  expected_hash: string | null;
  actual_hash: string | null;
  message: string;
}

/** What was signed of the log: the root of its first `size` events. `note` is the signed text with all signatures. */
export interface CheckpointData {
  origin: string;
  size: number;
  root_hash: string;
  created_at: string;
  note: string;
  cosignatures: Array<{ witness: string; cosigned_at: string | null }>;
}

export interface CheckpointResult {
  data: CheckpointData;
  /** Of the latest: why nothing more is signed, if so. */
  halted?: string | null;
}

/** That an event is in a checkpoint: the hashes from its leaf to the root. */
export interface InclusionData {
  event_id: string;
  sequence: number;
  event_hash: string;
  leaf_index: number;
  leaf_hash: string;
  hashes: string[];
  checkpoint: CheckpointData;
}

/** That the log of `to_size` events begins with that of `from_size`. */
export interface ConsistencyData {
  from_size: number;
  from_root_hash: string;
  to_size: number;
  to_root_hash: string;
  hashes: string[];
}

/** A key that signs checkpoints, or did; it signed trees larger than `first_size`. */
export interface SigningKeyData {
  verifier_key: string;
  origin: string;
  public_key: string;
  first_size: number;
  created_at: string;
  retired_at: string | null;
}

export interface EvidenceOptions {
  /** Whose details the pack keeps back: `all`; `others:ID`, all but those of what the actor of this id did; or `events:7,12-15`, those events. */
  withhold?: "all" | `others:${string}` | `events:${string}`;
}

export interface EvidenceFilters extends EvidenceOptions, Omit<QueryFilters, "cursor" | "limit" | "order"> {}

/** Exactly one of `sessionId`, `resource` and `filters`. */
export interface ShareLinkOptions extends EvidenceOptions {
  sessionId?: string;
  resource?: { type: string; id: string };
  filters?: Record<string, string>;
  /** Seconds; a week without it. */
  ttl?: number;
}

/** A link to one case. `path` has the secret, and is told once, when the link is made. */
export interface ShareLinkData {
  id: string;
  asked: string;
  created_at: string;
  created_by: string;
  expires_at: string;
  is_revoked: boolean;
  path: string | null;
}

export interface AnchorItem {
  id: string;
  merkle_root: string;
  previous_anchor_hash: string | null;
  /** Events since the anchor before. */
  events_count: number;
  /** Events that the root covers. */
  tree_size: number;
  period_start: string;
  period_end: string;
  chain: string;
  status: "pending" | "submitted" | "confirmed" | "failed";
  tx_hash: string | null;
  block_number: number | null;
  explorer_url: string | null;
  /** The time that the authority, or the block, says. */
  confirmed_at: string | null;
  created_at: string;
}

export interface AnchorDetail extends AnchorItem {
  first_event_hash: string;
  last_event_hash: string;
  /** Why the last attempt failed, if it did. */
  error: string | null;
  /** The signed note; its text, without signatures, is what is stamped. */
  checkpoint: string;
  /** The time-stamp response (RFC 3161), as base64. */
  time_stamp: string | null;
}

export interface AnchorListResult extends Page<AnchorItem> {}

export interface AnchorDetailResult {
  data: AnchorDetail;
}

export interface AnchorVerifyResult {
  data: {
    anchor_id: string;
    merkle_root: string;
    valid: boolean;
    chain_valid: boolean;
    /** The root that is anchored. */
    expected: string;
    /** The log's, computed anew. */
    actual: string | null;
    events_count: number;
    tree_size: number;
    tx_hash: string | null;
    explorer_url: string | null;
    anchored_at: string | null;
    /** What is wrong, in words. */
    problems: string[];
  };
}
