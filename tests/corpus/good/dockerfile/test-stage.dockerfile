# syntax=docker/dockerfile:1
FROM golang:1.27 AS base
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .

FROM base AS test
RUN go vet ./... && go test -race ./...

FROM base AS build
RUN CGO_ENABLED=0 go build -o /out/inventory .

FROM gcr.io/distroless/static-debian13:nonroot AS final
COPY --from=build /out/inventory /inventory
USER 65532
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/inventory"]
