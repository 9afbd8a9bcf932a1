ARG GO_VERSION=1.27
ARG BASE=gcr.io/distroless/base-debian13:nonroot

FROM golang:${GO_VERSION} AS build
ARG VERSION=dev
ARG COMMIT=unknown
WORKDIR /src
COPY . .
RUN go build -ldflags="-X main.version=${VERSION} -X main.commit=${COMMIT}" -o /out/api ./cmd/api

FROM ${BASE}
ARG VERSION=dev
LABEL org.opencontainers.image.title="api" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build --chown=65532:65532 /out/api /api
ENV GOMEMLIMIT=400MiB GOMAXPROCS=2
EXPOSE 8443
ENTRYPOINT ["/api"]
