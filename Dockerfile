# Debian 13 on both sides: its PostgreSQL client (17) must not be older than the server that it backs up.
FROM rust:1.95-slim-trixie AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpq-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The manifest names the benches; they are not built here.
COPY Cargo.toml Cargo.lock askama.toml ./
COPY benches benches
COPY migrations migrations
COPY defaults defaults
COPY locales locales
COPY qr_templates qr_templates
COPY assets assets
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --no-default-features --features pg-system \
 && cp target/dist/louma /usr/local/bin/louma

FROM debian:trixie-slim
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libpq5 postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin louma \
 && install -d -o louma -g louma -m 0700 /data
COPY --from=build /usr/local/bin/louma /usr/local/bin/louma
COPY LICENSE /usr/share/doc/louma/LICENSE
COPY assets/vendor/VERSIONS /usr/share/doc/louma/VERSIONS
COPY assets/fonts/OFL.txt /usr/share/doc/louma/OFL.txt
ENV LOUMA_DATA_DIR=/data \
    LOUMA_LISTEN=0.0.0.0:8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Asks /readyz by the shell's own socket: the image carries no HTTP client.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["louma"]
CMD ["serve"]
