#!/usr/bin/env bash
# 覆盖率低于门槛就失败；每个包各自比较。
set -euo pipefail

threshold=${1:-80}
profile=$(mktemp)
cleanup() {
  rm -f "$profile"
}
trap cleanup EXIT

go test -coverprofile="$profile" ./... >/dev/null
failed=0
while read -r package share; do
  percent=${share%.*}
  if [ "$percent" -lt "$threshold" ]; then
    printf '%s: %s%% is below %s%%\n' "$package" "$share" "$threshold"
    failed=1
  fi
done < <(go tool cover -func="$profile" | awk '/^total:/ { sub("%", "", $3); print "total", $3 }')
exit "$failed"
