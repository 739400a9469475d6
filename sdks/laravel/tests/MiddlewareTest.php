<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\SessionHash;
use GetImmutable\Tests\App\Models\Document;
use GetImmutable\Tests\App\Models\User;
use Illuminate\Contracts\Http\Kernel;
use Illuminate\Http\Request;
use Illuminate\Routing\Router;
use Symfony\Component\HttpFoundation\Response;

/** Requests through the real HTTP kernel, with cookies, sessions and sign-in, as a browser sends them. */
final class MiddlewareTest extends TestCase
{
    /** @var array<string, string> the browser's */
    private array $cookies = [];

    /** @param  array<string, mixed>  $form */
    private function visit(string $method, string $path, array $form = [], array $server = []): Response
    {
        $kernel = $this->app->make(Kernel::class);
        $request = Request::create($path, $method, $form, $this->cookies, [], $server + ['HTTP_USER_AGENT' => 'Mozilla/5.0 (test)', 'REMOTE_ADDR' => '127.0.0.1', 'HTTP_X_FORWARDED_FOR' => '203.0.113.7']);
        $response = $kernel->handle($request);
        $kernel->terminate($request, $response);
        foreach ($response->headers->getCookies() as $cookie) {
            $this->cookies[$cookie->getName()] = (string) $cookie->getValue();
        }
        self::assertSame(200, $response->getStatusCode(), (string) $response->getContent());
        $this->app->forgetScopedInstances();
        $this->app['auth']->forgetGuards();
        $this->app['session']->forgetDrivers();

        return $response;
    }

    private function signIn(): array
    {
        $user = User::withoutEvents(static fn () => User::create(['id' => random_int(1, PHP_INT_MAX), 'name' => 'Lisa Wang']));
        $document = Document::withoutEvents(static fn () => Document::create(['id' => self::fresh('doc'), 'title' => 'Q3 Budget Report']));
        $session = json_decode($this->visit('POST', "/login/{$user->id}")->getContent())->session;

        return [$user, $document, $session];
    }

    /** Actor, session, address behind the proxy, browser, request and trace are on every event, with no plumbing. */
    public function test_a_request_is_on_its_events(): void
    {
        [$user, $document, $session] = $this->signIn();
        $this->visit('GET', "/documents/{$document->id}", server: ['HTTP_X_REQUEST_ID' => 'req_1', 'HTTP_TRACEPARENT' => '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01']);
        $this->visit('PUT', "/documents/{$document->id}", ['title' => 'Q4 Budget Report']);

        [$signedIn, $viewed, $updated] = $this->eventsOf((string) $user->id);
        $hash = SessionHash::of($session, Server::shared()->key);
        foreach ([$signedIn, $viewed, $updated] as $event) {
            self::assertSame(['id' => (string) $user->id, 'name' => 'Lisa Wang', 'type' => 'user'], $event['actor']);
            self::assertSame([$hash, '203.0.113.7', 'Mozilla/5.0 (test)'], [$event['session_id'], $event['ip_address'], $event['user_agent']]);
        }
        self::assertSame(['document.viewed', $document->id, ['location' => 'recent files']], [$viewed['action'], $viewed['resource_id'], $viewed['metadata']]);
        self::assertSame(['req_1', '4bf92f3577b34da6a3ce929d0e0e4736'], [$viewed['request_id'], $viewed['trace_id']]);
        self::assertEquals(['title' => ['old' => 'Q3 Budget Report', 'new' => 'Q4 Budget Report']], $updated['changes']);
        self::assertSame(['user.signed_in', 'document.viewed', 'document.updated'], array_column($this->client()->getSession($hash)['data']['timeline'], 'action'));
        self::assertStringNotContainsString($session, json_encode([$signedIn, $viewed, $updated]));
    }

    /** Log lines of a request carry the same hash as its events; those outside of requests none. */
    public function test_log_lines_carry_the_sessions_hash(): void
    {
        [, $document, $session] = $this->signIn();
        \Illuminate\Support\Facades\Log::info('Outside');
        $this->visit('GET', "/documents/{$document->id}");
        $log = (string) file_get_contents("{$this->storage}/laravel.log");
        self::assertMatchesRegularExpression('/Outside\s+(\[\] ?)*$/m', $log);
        self::assertStringContainsString('{"session_id":"'.SessionHash::of($session, Server::shared()->key).'"}', $log);
        self::assertStringNotContainsString($session, $log);
    }

    /** A session id that the application gives is sent as it is. */
    public function test_an_explicit_session_is_sent_as_it_is(): void
    {
        [$user, $document] = $this->signIn();
        $session = json_decode($this->visit('GET', "/plain/{$document->id}")->getContent())->session;
        $event = $this->client()->getEvents(['actor_id' => (string) $user->id, 'action' => 'document.viewed'])['data'][0];
        self::assertSame($session, $event['session_id']);
    }

    /** A header too long for the server does not cost the event. */
    public function test_long_headers_are_cut(): void
    {
        [$user, $document] = $this->signIn();
        $this->visit('GET', "/documents/{$document->id}", server: ['HTTP_USER_AGENT' => str_repeat('ü', 5000), 'HTTP_X_REQUEST_ID' => str_repeat('r', 5000)]);
        $event = $this->client()->getEvents(['actor_id' => (string) $user->id, 'action' => 'document.viewed'])['data'][0];
        self::assertSame([1024, 255], [mb_strlen($event['user_agent']), strlen($event['request_id'])]);
    }

    /** With `auto_context` the middleware is in the `web` group, after the session's own. */
    public function test_auto_context_puts_the_middleware_into_the_web_group(): void
    {
        putenv('GETIMMUTABLE_AUTO_CONTEXT=true');
        $_ENV['GETIMMUTABLE_AUTO_CONTEXT'] = $_SERVER['GETIMMUTABLE_AUTO_CONTEXT'] = 'true';
        $app = require __DIR__.'/App/bootstrap/app.php';
        $app->make(\Illuminate\Contracts\Console\Kernel::class)->bootstrap();
        $app->make(Kernel::class);
        $group = $app->make(Router::class)->getMiddlewareGroups()['web'];
        self::assertSame(\GetImmutable\Middleware\CaptureAuditContext::class, end($group));
    }
}
