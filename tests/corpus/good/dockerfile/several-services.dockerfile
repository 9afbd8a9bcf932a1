# syntax=docker/dockerfile:1
FROM golang:1.27 AS build
WORKDIR /src
COPY . .
ARG SERVICE=order
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -o /out/service "./cmd/${SERVICE}"

FROM build AS debug
RUN go install github.com/go-delve/delve/cmd/dlv@v1.27.0
EXPOSE 40000
USER 10001
ENTRYPOINT ["dlv", "exec", "/out/service", "--headless", "--listen=:40000"]

FROM gcr.io/distroless/static-debian13:nonroot AS production
COPY --from=build /out/service /service
EXPOSE 8080
ENTRYPOINT ["/service"]
