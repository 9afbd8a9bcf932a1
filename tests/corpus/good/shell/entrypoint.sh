#!/usr/bin/env bash
# 容器的入口：从文件读密码，迁移数据库，然后把自己换成服务。
set -Eeuo pipefail

fail() {
  echo "entrypoint: $*" >&2
  exit 64
}

from_file() {
  local name=$1 file
  file="${name}_FILE"
  if [[ -n ${!file:-} ]]; then
    [[ -r ${!file} ]] || fail "can't read ${!file}"
    export "$name=$(<"${!file}")"
  fi
}

for name in DATABASE_URL SESSION_KEY; do
  from_file "$name"
done
[[ -n ${DATABASE_URL:-} ]] || fail "DATABASE_URL is not set"

case "${1:-serve}" in
  migrate)
    exec /usr/local/bin/app migrate --up
    ;;
  serve)
    /usr/local/bin/app migrate --check || fail "the database is behind"
    exec /usr/local/bin/app serve --listen "${LISTEN:-:8080}"
    ;;
  *)
    exec "$@"
    ;;
esac
