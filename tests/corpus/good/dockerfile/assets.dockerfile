# syntax=docker/dockerfile:1
FROM scratch AS assets
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
    https://example.com/geo/cities-2026-10.tar.gz /cities.tar.gz

FROM golang:1.27 AS build
WORKDIR /src
COPY . .
RUN --mount=type=bind,from=assets,source=/cities.tar.gz,target=/cities.tar.gz \
    mkdir -p /out && tar -xzf /cities.tar.gz -C /out && go build -o /out/geo .

FROM gcr.io/distroless/cc-debian13:nonroot
COPY --link --from=build /out/ /srv/
WORKDIR /srv
EXPOSE 8080-8082
ENTRYPOINT ["/srv/geo"]
