<?php

// Run before the scripts of `pinstripe exec`: Stripe's library brings certificates of its own, and is told to use those here.
spl_autoload_register($pinstripe = static function (string $class) use (&$pinstripe): void {
    if (strcasecmp($class, 'Stripe\Stripe') !== 0) {
        return;
    }
    foreach (spl_autoload_functions() as $load) {
        if ($load !== $pinstripe && !class_exists($class, false)) {
            $load($class);
        }
    }
    if (method_exists($class, 'setCABundlePath')) {
        $class::setCABundlePath('{{bundle}}');
    }
}, true, true);
unset($pinstripe);

// What would have run before the script without this: the setting of the last of the other files that has one.
foreach ((static function (): array {
    $files = array_filter([php_ini_loaded_file(), ...array_map('trim', explode(',', (string) php_ini_scanned_files()))]);
    $settings = array_map(static fn (string $file) => @parse_ini_file($file, false, INI_SCANNER_RAW) ?: [], $files);
    $others = array_filter(array_column($settings, 'auto_prepend_file'), static fn (string $file) => !in_array($file, ['', 'none', __FILE__], true));
    return array_slice(array_map(static fn (string $file) => trim($file, '"\''), $others), -1);
})() as $pinstripe) {
    require $pinstripe;
}
unset($pinstripe);
