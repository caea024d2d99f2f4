<?php
// A script with PHP's curl: it knows no server but Stripe's.
function status(array $options = []): string
{
    $curl = curl_init('https://api.stripe.com/v1/customers');
    curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_USERPWD => getenv('STRIPE_API_KEY') . ':'] + $options);
    $answer = curl_exec($curl);

    return $answer === false ? curl_error($curl) : json_decode($answer)->object ?? 'error';
}

// What a composer package does: a class that is loaded when it is named, with a file of certificates that it brings.
spl_autoload_register(static function (string $class): void {
    if ($class === 'Stripe\Stripe') {
        require __DIR__ . '/php_library.php';
    }
});

echo 'curl ', status(), "\n";
echo 'library ', status([CURLOPT_CAINFO => \Stripe\Stripe::getCABundlePath()]), "\n";
