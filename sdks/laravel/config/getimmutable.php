<?php

// Each name of the environment is read as GETIMMUTABLE_..., as always, and as IMMUTABLE_..., which the other SDKs share.
$environment = static fn (string $name, mixed $default = null): mixed => env("GETIMMUTABLE_$name", env("IMMUTABLE_$name", $default));

return [

    // The workspace's key: imk_...
    'api_key' => $environment('API_KEY'),

    // The server's address: https://audit.example.com. There is no default: nobody's events go to a server by accident.
    'base_url' => $environment('BASE_URL', env('IMMUTABLE_URL')),

    // true: events leave from the queue `queue.name` (run a worker for it). false: `track` returns when the event is durable.
    'async' => (bool) $environment('ASYNC', true),

    'queue' => [
        'connection' => $environment('QUEUE_CONNECTION'), // null: the application's default
        'name' => $environment('QUEUE', 'getimmutable'),
        'give_up_after' => 86400, // seconds that the job keeps trying while the server cannot be reached
    ],

    // true: every event of a request with a session carries the keyed hash of its id, also without the middleware.
    'auto_session' => (bool) $environment('AUTO_SESSION', false),

    // true: the CaptureAuditContext middleware runs in the `web` group; otherwise name it in your routes.
    'auto_context' => (bool) $environment('AUTO_CONTEXT', false),

    // The key of that hash; the API key where this is not set. Give every SDK of yours the same.
    'session_secret' => $environment('SESSION_SECRET'),

    // Seconds for one try. A request of your users is never held up longer than this by all tries together.
    'timeout' => (float) $environment('TIMEOUT', 5),

    // How a failed request is tried again, where the caller can wait: in the queue's worker, and `AuditLog::client()`.
    'retry' => ['retries' => 3, 'first_delay' => 0.1, 'longest_delay' => 5.0, 'total' => 20.0],

    // A name for this machine, "web-3", with which the server reports gaps; null: events are not numbered.
    'producer' => $environment('PRODUCER'),

    // Where the producer's numbers and the counters are kept, for all PHP processes of this machine.
    'state_dir' => $environment('STATE_DIR', storage_path('framework/getimmutable')),

    // What could not be sent is written here and replayed later; null: it is given up.
    'spool_dir' => $environment('SPOOL_DIR'),
    'spool_max_bytes' => (int) $environment('SPOOL_MAX_BYTES', 64 * 1024 * 1024),

];
