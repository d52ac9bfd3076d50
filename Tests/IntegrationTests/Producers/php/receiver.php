<?php
// Handles a callback of delayQS as its documentation shows: computes the sign of what came and compares. What came is
// written into the folder RECEIVED, one file a callback.
$body = trim($_POST['body'] ?? '');
$sign = trim($_POST['sign'] ?? '');
$data = json_decode($body, true);
$isSigned = false;
if (is_array($data) && $sign !== '') {
    ksort($data);
    $isSigned = md5(getenv('PRIVATE_KEY') . @implode('&', $data)) === $sign;
}
$name = getenv('RECEIVED') . '/' . bin2hex(random_bytes(8));
$record = ['body' => $_POST['body'] ?? null, 'path' => $_SERVER['REQUEST_URI'], 'signed' => $isSigned];
file_put_contents("$name.new", json_encode($record));
rename("$name.new", "$name.json");
echo $isSigned ? 'Success' : 'sign签名错误';
