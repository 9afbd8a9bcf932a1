# syntax=docker/dockerfile:1
FROM golang:1.27 AS build
ENV GOPRIVATE=git.example.com/*
WORKDIR /src
RUN --mount=type=secret,id=netrc,target=/root/.netrc \
    --mount=type=bind,source=go.mod,target=go.mod \
    --mount=type=bind,source=go.sum,target=go.sum \
    go mod download
RUN --mount=type=bind,target=. \
    --mount=type=ssh \
    go build -o /out/billing ./cmd/billing

FROM gcr.io/distroless/base-debian13:nonroot
COPY --from=build --chmod=0555 /out/billing /billing
EXPOSE 8080
ENTRYPOINT ["/billing"]
