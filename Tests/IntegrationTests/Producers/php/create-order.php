<?php
// Asks delayQS for a callback when an order has timed out, as its documentation shows. Arguments: where Redis is (a path),
// the key, the body as JSON, the callback's URL, seconds from now, the private key. Prints the body's bytes.
[, $socket, $key, $bodyJson, $callback, $delay, $privateKey] = $argv;

$redis = new Redis();
$redis->connect($socket);
$data = ['body' => json_decode($bodyJson, true), 'callback' => $callback];

ksort($data['body']);
// Of what is nested the sign holds the word Array, on which PHP remarks.
$data['sign'] = md5($privateKey . @implode('&', $data['body']));
$redis->zAdd($key, time() + (int) $delay, json_encode($data));
echo json_encode($data['body']);
