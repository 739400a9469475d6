<?php

declare(strict_types=1);

namespace GetImmutable\Logging;

use GetImmutable\RequestContext;
use Illuminate\Log\Logger;
use Monolog\LogRecord;

/**
 * Puts the hash of the session, as it is on the events, on log lines as `session_id`, so that the two can be joined: in
 * `config/logging.php`, `'tap' => [GetImmutable\Logging\AddSession::class]` on a channel. Needs CaptureAuditContext.
 */
final class AddSession
{
    public function __invoke(Logger $logger): void
    {
        $logger->pushProcessor(static function (array|LogRecord $record): array|LogRecord { // an array before Monolog 3
            $session = app(RequestContext::class)->session();
            if ($session !== null) {
                $extra = $record['extra'] + ['session_id' => $session];
                is_array($record) ? $record['extra'] = $extra : $record->extra = $extra;
            }

            return $record;
        });
    }
}
