<?php
// What multiOTP makes of a seed file, as JSON: php multiotp_import.php SOURCE STORE FILE [PASSPHRASE]
// SOURCE is a clone of multiOTP, STORE a folder for what it writes.
list(, $source, $store, $file) = $argv;
$passphrase = $argv[4] ?? '';
error_reporting(E_ERROR);
chdir($store);
ob_start();
require $source . '/multiotp.class.php';
$host = new Multiotp('a key of the test', false, $store . '/');
foreach (['Config', 'Devices', 'Groups', 'Tokens', 'Users', 'Log', 'Cache'] as $kind) {
    @mkdir("$store/" . strtolower($kind));
    $set = "Set{$kind}Folder";
    $host->$set("$store/" . strtolower($kind) . '/');
}
$done = $host->ImportTokensFile($file, $file, $passphrase);
$tokens = [];
foreach (explode("\t", $host->GetTokensList()) as $name) {
    if ($name === '' || !$host->ReadTokenData($name)) {
        continue;
    }
    $tokens[$name] = [
        'type' => $host->GetTokenAlgorithm(),
        'seed' => $host->GetTokenSeed(),
        'digits' => (int) $host->GetTokenNumberOfDigits(),
        'step' => (int) $host->GetTokenTimeInterval(),
        'counter' => (int) $host->GetTokenLastEvent() + 1,
        'manufacturer' => $host->GetTokenManufacturer(),
    ];
}
ob_end_clean();
echo json_encode(['done' => $done, 'tokens' => $tokens]);
