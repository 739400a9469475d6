"""Every metric, named once. Exposed as Prometheus text at /metrics."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("immutable_events_total", "Events answered, by status.", ["status"])
QUEUED = EVENTS.labels("queued")
DUPLICATES = EVENTS.labels("duplicate")
REJECTED = EVENTS.labels("rejected")
PUSHBACK = Counter("immutable_pushback_total", "Requests refused with 503 because too many events were waiting.")
RATE_LIMITED = Counter("immutable_rate_limited_total", "Requests refused with 429, by limit.", ["limit"])
for _limit in ("requests", "events", "failed_authentications", "public_requests"):
    RATE_LIMITED.labels(_limit)  # shown from the start, at 0
SHARE_OPENINGS = Counter(
    "immutable_share_openings_total",
    "Share links opened, by what was shown; the log tells one in ten minutes of each link, address and kind.",
    ["what"],
)
for _what in ("page", "pack"):
    SHARE_OPENINGS.labels(_what)  # shown from the start, at 0
CONNECTIONS = Gauge("immutable_connections", "Open HTTP connections.")
CONNECTIONS_REFUSED = Counter(
    "immutable_connections_refused_total", "Connections refused with 503 because too many were open."
)
COMMIT_SECONDS = Histogram(
    "immutable_commit_seconds",
    "Time of one group commit.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1),
)
COMMIT_EVENTS = Histogram(
    "immutable_commit_events", "Events in one group commit.", buckets=(1, 4, 16, 64, 256, 1024, 4096)
)
INDEX_LAG = Gauge("immutable_text_index_lag_events", "Events that the text index does not hold yet.")
CHECKPOINTS = Counter("immutable_checkpoints_total", "Checkpoints signed by this process.")
CHECKPOINT_LAG = Gauge("immutable_checkpoint_lag_events", "Events that the trees do not hold yet.")
CHECKPOINTS_HALTED = Gauge(
    "immutable_checkpoints_halted",
    "Workspaces whose log no longer continues what was signed of it; nothing more is signed.",
)
WITNESS_DISPUTES = Counter(
    "immutable_witness_disputes_total",
    "Answers of witnesses that a log does not continue what they signed, without proof: look into each.",
)
PRUNED = Counter("immutable_pruned_events_total", "Events that this process archived and pruned by retention.")
PRUNING_FAILURES = Counter(
    "immutable_pruning_failures_total", "Attempts to archive and prune that failed; nothing was lost."
)
ANCHORS = Counter("immutable_anchors_total", "Anchors that this process finished, by status.", ["status"])
for _status in ("confirmed", "failed"):
    ANCHORS.labels(_status)  # shown from the start, at 0
ANCHOR_ATTEMPTS_FAILED = Counter(
    "immutable_anchor_attempts_failed_total", "Attempts to anchor that failed and are tried again."
)
ANCHORS_UNFINISHED = Gauge("immutable_anchors_unfinished", "Anchors that are not confirmed yet.")
VERIFY_BREAKS = Counter("immutable_verify_breaks_total", "Breaks that verifications have found.")
VERIFICATION_BROKEN = Gauge(
    "immutable_verification_breaks",
    "Breaks that the background verifier knows of. Above 0: a log was altered or damaged.",
)
VERIFICATION_EVENTS = Counter("immutable_verification_events_total", "Events that the background verifier has checked.")
VERIFICATION_PASSES = Counter(
    "immutable_verification_passes_total", "Logs that the background verifier has gone over from beginning to end."
)
PRODUCER_GAPS = Gauge(
    "immutable_producer_gaps", "Gaps in producers' numbers, in the workspaces followed since the start; young ones too."
)
