FROM golang:1.27@sha256:2f1b6a5c9d6a1f3c4b8e7d0a9c8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -mod=vendor -trimpath -o /out/audit .

FROM gcr.io/distroless/static-debian13:nonroot@sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9
COPY --from=build /out/audit /audit
VOLUME ["/data"]
ENTRYPOINT ["/audit", "--data=/data"]
