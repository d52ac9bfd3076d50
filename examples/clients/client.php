<?php
// schedulerd from PHP, without packages: asks for a call, safely again when there is no answer, and waits for its end.
//   SCHEDULERD_URL=http://127.0.0.1:8080 [SCHEDULERD_API_KEY=…] php client.php URL_TO_CALL
declare(strict_types=1);

final class Schedulerd
{
    public function __construct(private string $server, private ?string $apiKey = null) {}

    /** @return array{int, array} the status and the document of the answer */
    public function call(string $method, string $path, ?array $document = null, array $headers = []): array
    {
        $lines = ['Content-Type: application/json'];
        if ($this->apiKey) { $lines[] = "Authorization: Bearer $this->apiKey"; }
        foreach ($headers as $name => $value) { $lines[] = "$name: $value"; }
        $context = stream_context_create(['http' => [
            'method' => $method, 'header' => $lines, 'timeout' => 10, 'ignore_errors' => true,
            'content' => $document === null ? '' : json_encode($document, JSON_THROW_ON_ERROR)]]);
        $body = @file_get_contents($this->server . $path, false, $context);
        if ($body === false) { throw new RuntimeException('no answer'); }
        return [(int) explode(' ', $http_response_header[0])[1], json_decode($body, true, 512, JSON_THROW_ON_ERROR)];
    }

    /** One key for one request, however often it is sent: it makes one task. */
    public function create(array $task): array
    {
        $key = bin2hex(random_bytes(16));
        for ($attempt = 1; ; $attempt++) {
            try {
                [$status, $answer] = $this->call('POST', '/v1/tasks', $task, ['Idempotency-Key' => $key]);
                if ($status < 300) { return $answer; }
                $isFinal = $status < 500 && $status !== 409 && $status !== 429;
                if ($isFinal || $attempt === 5) { throw new LogicException($answer['detail'], $status); }
            } catch (RuntimeException $error) {
                if ($attempt === 5) { throw $error; }
            }
            usleep(200_000 * 2 ** $attempt);
        }
    }
}

$schedulerd = new Schedulerd(getenv('SCHEDULERD_URL') ?: 'http://127.0.0.1:8080', getenv('SCHEDULERD_API_KEY') ?: null);
$task = $schedulerd->create([
    'plan_time' => microtime(true) + 0.2, 'request' => ['url' => $argv[1], 'body' => 'order=42'],
    'labels' => ['order' => '42']]);
$path = "/v1/tasks/{$task['id']}";
// Another time, if nobody has changed the task meanwhile.
$schedulerd->call('PATCH', $path, ['plan_time' => 0], ['If-Match' => "\"{$task['version']}\""]);
$isOver = fn (string $state) => in_array($state, ['succeeded', 'dead', 'cancelled'], true);
for ($look = 0; $look < 100 && !$isOver($task['state']); $look++) {
    usleep(100_000);
    [, $task] = $schedulerd->call('GET', $path);
}
echo "{$task['id']} {$task['state']}\n";
