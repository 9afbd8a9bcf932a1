# syntax=docker/dockerfile:1
FROM debian:13-slim
RUN <<EOF
set -e
apt-get update
apt-get install -y --no-install-recommends ca-certificates tzdata
rm -rf /var/lib/apt/lists/*
useradd --system --uid 10001 app
EOF
COPY <<EOF /etc/order/config.yaml
listen: ":8080"
log: {level: info}
EOF
COPY order /usr/local/bin/order
EXPOSE 8080/tcp
USER app
HEALTHCHECK --interval=10s --timeout=2s CMD ["/usr/local/bin/order", "health"]
ENTRYPOINT ["/usr/local/bin/order", "--config", "/etc/order/config.yaml"]
