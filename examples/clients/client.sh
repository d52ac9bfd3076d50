#!/usr/bin/env bash
# schedulerd from bash, with curl and jq: asks for a call, safely again when there is no answer, and waits for its end.
#   SCHEDULERD_URL=http://127.0.0.1:8080 [SCHEDULERD_API_KEY=…] client.sh URL_TO_CALL
set -euo pipefail
server=${SCHEDULERD_URL:-http://127.0.0.1:8080}
headers=(-H 'Content-Type: application/json')
if [ -n "${SCHEDULERD_API_KEY:-}" ]; then headers+=(-H "Authorization: Bearer $SCHEDULERD_API_KEY"); fi

# One key for one request, however often it is sent: it makes one task. curl sends it again when the connection fails, and
# when the answer is one of 408, 429, 500, 502, 503 and 504.
key=$(cat /proc/sys/kernel/random/uuid)
document=$(jq -n --arg url "$1" '{plan_time: (now + 0.2), request: {url: $url, body: "order=42"}, labels: {order: "42"}}')
task=$(curl -sS --fail-with-body --retry 5 --retry-all-errors "${headers[@]}" -H "Idempotency-Key: $key" -d "$document" "$server/v1/tasks")
id=$(jq -r .id <<<"$task")

# Another time, if nobody has changed the task meanwhile.
etag="\"$(jq .version <<<"$task")\""
curl -sS "${headers[@]}" -X PATCH -H "If-Match: $etag" -d '{"plan_time": 0}' -o /dev/null "$server/v1/tasks/$id"

for _ in $(seq 100); do
  state=$(curl -sS --fail-with-body "${headers[@]}" "$server/v1/tasks/$id?view=basic" | jq -r .state)
  case $state in succeeded | dead | cancelled) break ;; esac
  sleep 0.1
done
echo "$id $state"
