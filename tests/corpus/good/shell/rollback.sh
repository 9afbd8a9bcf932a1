#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<EOF
usage: $(basename "$0") [-n namespace] [-t seconds] deployment
EOF
}

namespace=default
timeout=120
while getopts "n:t:h" option; do
  case "$option" in
    n) namespace=$OPTARG ;;
    t) timeout=$OPTARG ;;
    h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
done
shift $((OPTIND - 1))
deployment=${1:?$(usage)}

revision=$(kubectl -n "$namespace" rollout history "deployment/$deployment" | tail -n 3 | head -n 1)
echo "undoing $deployment, was ${revision:-unknown}"
if ! kubectl -n "$namespace" rollout undo "deployment/$deployment"; then
  echo "can't undo $deployment" >&2
  exit 1
fi
kubectl -n "$namespace" rollout status "deployment/$deployment" --timeout="${timeout}s"
