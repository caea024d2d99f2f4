<?php
// A stand-in for the library's class, with the two methods that say whose certificates are trusted.

namespace Stripe;

class Stripe
{
    private static string $caBundlePath = '/dev/null';

    public static function getCABundlePath(): string
    {
        return self::$caBundlePath;
    }

    public static function setCABundlePath(string $caBundlePath): void
    {
        self::$caBundlePath = $caBundlePath;
    }
}
