<?php

declare(strict_types=1);

namespace GetImmutable\Console;

use GetImmutable\AuditLogManager;
use Illuminate\Console\Command;

/** `php artisan immutable:replay`: for the scheduler, where no queue worker runs. */
class ReplayCommand extends Command
{
    protected $signature = 'immutable:replay';

    protected $description = 'Send the audit events that could not be sent and wait in the spool folder';

    public function handle(AuditLogManager $auditLog): int
    {
        if (config('getimmutable.spool_dir') === null) {
            $this->error('There is no spool folder: set GETIMMUTABLE_SPOOL_DIR.');

            return 1;
        }
        ['sent' => $sent, 'waiting' => $waiting] = $auditLog->replay();
        $this->line("$sent events were sent, $waiting files wait.");

        return $waiting === 0 ? 0 : 1;
    }
}
