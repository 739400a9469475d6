<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App;

use Illuminate\Http\Middleware\TrustProxies;
use Illuminate\Http\Request;

/** Trusts the proxy on this machine. */
final class TrustedProxy extends TrustProxies
{
    protected $proxies = ['127.0.0.1'];

    protected $headers = Request::HEADER_X_FORWARDED_FOR;
}
