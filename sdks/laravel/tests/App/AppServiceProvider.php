<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App;

use GetImmutable\AuditLog;
use GetImmutable\Middleware\CaptureAuditContext;
use GetImmutable\Tests\App\Models\Document;
use GetImmutable\Tests\App\Models\User;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Route;
use Illuminate\Support\ServiceProvider;

/** The application's routes: sign in, look at documents, rename them. */
final class AppServiceProvider extends ServiceProvider
{
    public function boot(): void
    {
        Route::middleware(['web', CaptureAuditContext::class])->group(static function (): void {
            Route::post('/login/{user}', static function (Request $request, User $user): array {
                Auth::login($user);
                AuditLog::log('user.signed_in');

                return ['session' => $request->session()->getId()];
            });
            Route::get('/documents/{document}', static function (Request $request, Document $document): array {
                AuditLog::log('document.viewed', $document, ['location' => 'recent files']);
                Log::info('A document was viewed');

                return ['session' => $request->session()->getId()];
            });
            Route::put('/documents/{document}', static fn (Request $request, Document $document): array => [
                'changed' => $document->update($request->only('title')),
            ]);
        });
        Route::middleware('web')->get('/plain/{document}', static function (Document $document): array {
            AuditLog::fromAuth()->session(session()->getId())->track('document.viewed', $document, ['location' => 'search']);

            return ['session' => session()->getId()];
        });
        Artisan::command('documents:work {actor} {process} {stop}', function (): void {
            $worker = AuditLog::actor($this->argument('actor'));
            for ($number = 1; ! is_file($this->argument('stop')); clearstatcache(), $number++) {
                $worker->track('document.viewed', 'document', ['number' => $this->argument('process')."-$number"]);
                usleep(20_000);
            }
            $this->line((string) ($number - 1));
        });
    }
}
