# syntax=docker/dockerfile:1
FROM golang:1.27-bookworm AS tools
RUN --mount=type=cache,target=/go/pkg/mod \
    GOBIN=/out go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12

FROM debian:13-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install -y --no-install-recommends protobuf-compiler \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 dev
COPY --from=tools /out/ /usr/local/bin/
WORKDIR /work
USER dev
ENTRYPOINT ["protoc"]
