<?php

declare(strict_types=1);

/** Debian's Laravel, or Composer's where there is one; then this package and its tests. */
$composer = __DIR__.'/../vendor/autoload.php';
if (is_file($composer)) {
    require_once $composer;
} else {
    require_once 'Illuminate/autoload.php';
    require_once 'GuzzleHttp/autoload.php';
}

spl_autoload_register(static function (string $class): void {
    foreach (['GetImmutable\\Tests\\' => __DIR__.'/', 'GetImmutable\\' => __DIR__.'/../src/'] as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = $folder.str_replace('\\', '/', substr($class, strlen($prefix))).'.php';
            if (is_file($file)) {
                require $file;
            }

            return;
        }
    }
});
