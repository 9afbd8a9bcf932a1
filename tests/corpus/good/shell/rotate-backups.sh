#!/bin/sh
# 只用 POSIX sh：在 BusyBox 上也能运行。
set -eu

directory=${BACKUPS:-/var/backups/shop}
keep=${KEEP:-7}
today=$(date +%Y-%m-%d)

mkdir -p "$directory"
pg_dump --format=custom shop >"$directory/$today.dump.part"
mv "$directory/$today.dump.part" "$directory/$today.dump"

count=0
find "$directory" -name '*.dump' -type f | sort -r | while IFS= read -r file; do
  count=$((count + 1))
  if [ "$count" -gt "$keep" ]; then
    rm -f -- "$file"
  fi
done
