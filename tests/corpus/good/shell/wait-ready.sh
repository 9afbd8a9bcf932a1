#!/usr/bin/env bash
# 等到服务就绪，或者超过期限。
set -euo pipefail

url=$1
deadline=$((SECONDS + ${2:-60}))

ready() {
  curl --fail --silent --output /dev/null --max-time 2 "$url"
}

until ready; do
  if ((SECONDS >= deadline)); then
    echo "not ready after ${2:-60} s: $url" >&2
    exit 1
  fi
  sleep 1
done
echo "ready after $SECONDS s"
