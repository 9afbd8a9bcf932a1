#!/usr/bin/env bash
# 用 Prometheus 的接口算一个月的可用性，写成一行 JSON。
set -euo pipefail

prometheus=${PROMETHEUS:-http://localhost:9090}
service=$1
objective=${2:-0.999}

query() {
  curl --fail --silent --show-error --get "$prometheus/api/v1/query" \
    --data-urlencode "query=$1" | jq --raw-output '.data.result[0].value[1] // "0"'
}

total=$(query "sum(increase(http_requests_total{service=\"$service\"}[30d]))")
errors=$(query "sum(increase(http_requests_total{service=\"$service\",code=~\"5..\"}[30d]))")

if [ "$total" = 0 ]; then
  echo "no requests for $service" >&2
  exit 1
fi

jq --null-input --arg service "$service" \
  --argjson total "$total" --argjson errors "$errors" --argjson objective "$objective" \
  '{service: $service, availability: (1 - $errors / $total), objective: $objective}'
