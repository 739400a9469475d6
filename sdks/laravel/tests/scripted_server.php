<?php

declare(strict_types=1);

/** A small HTTP server that answers as scripted and writes down what it was sent: `php scripted_server.php SCRIPT LOG`. Prints its port. */
[, $script, $log] = $argv;
$answers = json_decode((string) file_get_contents($script), true);
$server = stream_socket_server('tcp://127.0.0.1:0');
touch($log);
echo substr(strrchr(stream_socket_get_name($server, false), ':'), 1), "\n";
for ($number = 0; ; $number++) {
    $connection = stream_socket_accept($server, -1);
    $head = '';
    while (! str_ends_with($head, "\r\n\r\n")) {
        $line = fgets($connection);
        if ($line === false) {
            fclose($connection);
            $number--;

            continue 2;
        }
        $head .= $line;
    }
    $lines = explode("\r\n", trim($head));
    [$method, $target] = explode(' ', array_shift($lines));
    if ($target === '/that-was-all') {
        fwrite($connection, "HTTP/1.1 204 X\r\n\r\n");
        fclose($connection);
        $number--;

        continue;
    }
    $headers = [];
    foreach ($lines as $line) {
        [$name, $value] = explode(':', $line, 2);
        $headers[strtolower($name)] = trim($value);
    }
    $length = (int) ($headers['content-length'] ?? 0);
    $body = $length === 0 ? '' : (string) stream_get_contents($connection, $length);
    $query = explode('?', $target, 2)[1] ?? '';
    $request = ['method' => $method, 'path' => explode('?', $target, 2)[0], 'query' => $query, 'headers' => $headers, 'body' => $body, 'at' => hrtime(true) / 1e6];
    file_put_contents($log, json_encode($request)."\n", FILE_APPEND);
    $answer = $answers[$number] ?? ['status' => 500, 'body' => ['error' => 'not_scripted', 'message' => 'The script has no such answer.']];
    if (($answer['connection'] ?? '') === 'hang') {
        $held[] = $connection;

        continue;
    }
    if (($answer['connection'] ?? '') === 'break') {
        fwrite($connection, "HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{\"id\": ");
    } elseif (! isset($answer['connection'])) {
        $content = $answer['text'] ?? json_encode($answer['body'], JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
        $more = '';
        foreach (($answer['headers'] ?? []) + ['Content-Type' => 'application/json'] as $name => $value) {
            $more .= "$name: $value\r\n";
        }
        fwrite($connection, "HTTP/1.1 {$answer['status']} X\r\n{$more}Content-Length: ".strlen($content)."\r\nConnection: close\r\n\r\n$content");
    }
    fclose($connection);
}
