<?php

declare(strict_types=1);

use GetImmutable\Tests\App\ExceptionHandler;
use Illuminate\Contracts\Console\Kernel as ConsoleKernel;
use Illuminate\Contracts\Debug\ExceptionHandler as HandlesExceptions;
use Illuminate\Contracts\Http\Kernel as HttpKernel;
use Illuminate\Foundation\Application;

/** A whole small application, as `laravel new` makes it, with what it writes under IMMUTABLE_TEST_STORAGE. */
$app = new Application(dirname(__DIR__));
$app->useStoragePath(getenv('IMMUTABLE_TEST_STORAGE'));
$app->singleton(HttpKernel::class, GetImmutable\Tests\App\HttpKernel::class);
$app->singleton(ConsoleKernel::class, Illuminate\Foundation\Console\Kernel::class);
$app->singleton(HandlesExceptions::class, ExceptionHandler::class);

return $app;
