<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App\Models;

use GetImmutable\Concerns\TracksEvents;
use Illuminate\Foundation\Auth\User as Authenticatable;

final class User extends Authenticatable
{
    use TracksEvents;

    protected $guarded = [];

    protected $hidden = ['password', 'remember_token', 'phone'];
}
