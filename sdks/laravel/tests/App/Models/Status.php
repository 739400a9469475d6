<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App\Models;

enum Status: string
{
    case Draft = 'draft';
    case Final = 'final';
}
