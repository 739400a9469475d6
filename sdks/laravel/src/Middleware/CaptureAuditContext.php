<?php

declare(strict_types=1);

namespace GetImmutable\Middleware;

use Closure;
use GetImmutable\AuditLogManager;
use GetImmutable\RequestContext;
use Illuminate\Http\Request;

/**
 * Puts actor, session, address and user agent of this request on every event that is tracked in it. The session's id goes
 * as a keyed hash. The address is Laravel's `$request->ip()`: name your proxies in TrustProxies.
 */
class CaptureAuditContext
{
    public function handle(Request $request, Closure $next): mixed
    {
        app(RequestContext::class)->capture($request, AuditLogManager::sessionSecret());

        return $next($request);
    }
}
