#!/usr/bin/env bash
# 发布：构建各平台的二进制文件，写校验和。
set -euo pipefail

version=${1:?usage: release VERSION}
out=$(mktemp -d)
cleanup() {
  rm -rf "$out"
}
trap cleanup EXIT

targets=(linux/amd64 linux/arm64 darwin/arm64)
for target in "${targets[@]}"; do
  os=${target%/*}
  arch=${target#*/}
  name="app-$version-$os-$arch"
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build \
    -trimpath -ldflags="-s -w -X main.version=$version" -o "$out/$name" ./cmd/app
done

cd "$out"
sha256sum app-* >SHA256SUMS
mkdir -p "$OLDPWD/dist"
cp -- * "$OLDPWD/dist"
echo "released $version"
