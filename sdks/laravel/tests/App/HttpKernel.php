<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App;

use Illuminate\Cookie\Middleware\AddQueuedCookiesToResponse;
use Illuminate\Cookie\Middleware\EncryptCookies;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Routing\Middleware\SubstituteBindings;
use Illuminate\Session\Middleware\StartSession;

/** The kernel of a new Laravel application. */
final class HttpKernel extends Kernel
{
    protected $middleware = [TrustedProxy::class];

    protected $middlewareGroups = [
        'web' => [EncryptCookies::class, AddQueuedCookiesToResponse::class, StartSession::class, SubstituteBindings::class],
    ];
}
