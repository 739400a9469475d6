<?php

declare(strict_types=1);

namespace GetImmutable\Tests\App;

/** Laravel's own. */
final class ExceptionHandler extends \Illuminate\Foundation\Exceptions\Handler {}
