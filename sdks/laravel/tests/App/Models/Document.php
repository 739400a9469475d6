<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App\Models;

use GetImmutable\Concerns\TracksEvents;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\SoftDeletes;

final class Document extends Model
{
    use SoftDeletes;
    use TracksEvents;

    public $incrementing = false;

    protected $keyType = 'string';

    protected $guarded = [];

    protected $hidden = ['share_link'];

    /** @var list<string> */
    protected array $auditExclude = ['internal_note'];

    protected $casts = ['due_at' => 'datetime', 'tags' => 'array', 'status' => Status::class, 'recipe' => 'encrypted', 'pages' => 'integer'];

    public function getAuditType(): string
    {
        return 'document';
    }
}
