FROM golang:1.27-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY ["go.mod", "go.sum", "./"]
RUN go mod download
COPY . .
ENV CGO_ENABLED=1
RUN go build -tags libsqlite3 -o /out/ledger ./cmd/ledger

FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 ledger \
    && useradd --uid 10001 --gid ledger ledger
COPY --from=build /out/ledger /usr/local/bin/ledger
USER ledger:ledger
EXPOSE 8080
EXPOSE 9090/tcp
CMD ["ledger", "serve"]
