FROM golang:1.26-alpine AS build
RUN apk add --no-cache git
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/migrate ./cmd/migrate

FROM alpine:3.23
RUN apk add --no-cache ca-certificates \
    && adduser -D -H -u 10001 migrate
WORKDIR /migrations
COPY --from=build /out/migrate /usr/local/bin/
COPY --chown=10001 migrations/*.sql ./
USER 10001
ENTRYPOINT ["migrate", "-path", "/migrations"]
