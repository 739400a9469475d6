<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\SessionHash;
use Illuminate\Http\Request;

/** The option `auto_session`, with a secret of its own. */
final class AutoSessionTest extends TestCase
{
    protected function environment(): array
    {
        return ['GETIMMUTABLE_AUTO_SESSION' => 'true', 'GETIMMUTABLE_SESSION_SECRET' => 'a secret of all our SDKs'];
    }

    protected function tearDown(): void
    {
        parent::tearDown();
        putenv('GETIMMUTABLE_SESSION_SECRET');
        unset($_ENV['GETIMMUTABLE_SESSION_SECRET'], $_SERVER['GETIMMUTABLE_SESSION_SECRET']);
    }

    /** The session of the request is on its events as a keyed hash, also without the middleware; none outside of requests. */
    public function test_the_session_is_hashed(): void
    {
        $actor = self::fresh('user');
        AuditLog::track(['actor_id' => $actor, 'action' => 'job.ran']);
        $request = Request::create('/');
        $session = $this->app['session']->driver();
        $session->start();
        $request->setLaravelSession($session);
        $this->app->instance('request', $request);
        AuditLog::track(['actor_id' => $actor, 'action' => 'page.viewed']);

        [$ran, $viewed] = $this->eventsOf($actor);
        self::assertNull($ran['session_id']);
        self::assertSame(SessionHash::of($session->getId(), 'a secret of all our SDKs'), $viewed['session_id']);
    }
}
