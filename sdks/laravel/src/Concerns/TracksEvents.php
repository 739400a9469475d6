<?php

declare(strict_types=1);

namespace GetImmutable\Concerns;

use GetImmutable\AttributeChanges;
use GetImmutable\AuditLog;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\SoftDeletes;

/**
 * For Eloquent models: tracks `document.created`, `.updated` (with what changed), `.deleted`, `.restored` and `.forceDeleted`.
 *
 * `protected static array $trackedEvents` names fewer; `protected array $auditExclude` names attributes whose values stay out.
 * In a transaction the event waits for the commit.
 */
trait TracksEvents
{
    public static function bootTracksEvents(): void
    {
        $wanted = static::$trackedEvents ?? ['created', 'updated', 'deleted', 'restored', 'forceDeleted'];
        foreach ($wanted as $event) {
            if (method_exists(static::class, $event)) { // `restored` and `forceDeleted` come with SoftDeletes
                static::$event(static function (Model $model) use ($event, $wanted): void {
                    if (! self::isToldByAnother($event, $model, $wanted)) {
                        self::trackModelEvent($event, $model);
                    }
                });
            }
        }
    }

    private static function trackModelEvent(string $event, Model $model): void
    {
        $pending = AuditLog::fromAuth()->actionCategory(match ($event) {
            'created' => 'create',
            'deleted', 'forceDeleted' => 'delete',
            default => 'update',
        });
        $pending->occurredAt(now());
        if ($event === 'updated') {
            $pending->changes(AttributeChanges::of($model)); // now: once committed, the model has forgotten what was before
        }
        $action = strtolower(class_basename($model)).'.'.$event;
        $snapshot = clone $model;
        AuditLog::whenCommitted($model->getConnection(), static fn () => $pending->track($action, $snapshot));
    }

    /** @param  list<string>  $wanted */
    private static function isToldByAnother(string $event, Model $model, array $wanted): bool
    {
        if (! in_array(SoftDeletes::class, class_uses_recursive($model), true)) {
            return false;
        }

        return match ($event) {
            'deleted' => $model->isForceDeleting() && in_array('forceDeleted', $wanted, true),
            // What `restore` saves is `deleted_at` alone.
            'updated' => in_array('restored', $wanted, true)
                && array_diff(array_keys($model->getChanges()), [$model->getDeletedAtColumn(), $model->getUpdatedAtColumn()]) === []
                && array_key_exists($model->getDeletedAtColumn(), $model->getChanges()) && ! $model->trashed(),
            default => false,
        };
    }
}
