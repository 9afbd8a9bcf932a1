#!/usr/bin/env bash
# 并行构建镜像；任何一个失败，整个脚本就失败。
set -uo pipefail

declare -A pids=()
logs=$(mktemp -d)
cleanup() {
  rm -rf "$logs"
}
trap cleanup EXIT

services=$(find services -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
mapfile -t names <<<"$services"

for name in "${names[@]}"; do
  docker build --quiet --file "services/$name/Dockerfile" --tag "shop/$name" . \
    >"$logs/$name" 2>&1 &
  pids[$name]=$!
done

status=0
for name in "${!pids[@]}"; do
  if wait "${pids[$name]}"; then
    echo "built $name"
  else
    status=1
    echo "failed $name:" >&2
    cat "$logs/$name" >&2
  fi
done
exit "$status"
