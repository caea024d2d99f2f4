# The image holds one static binary, and the terms under which it may be passed on. Mount fixtures at /fixtures and they are loaded at the start.
#
#   docker build -t pinstripe .
#   docker run --rm -p 127.0.0.1:12111:12111 -v "$PWD/fixtures:/fixtures:ro" pinstripe
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo static --locked \
 && install -D -m 0755 target/*-linux-gnu/release/pinstripe /out/pinstripe

FROM scratch
COPY --from=build /out/pinstripe /pinstripe
COPY LICENSE THIRD-PARTY-NOTICES.txt /
USER 65534:65534
ENV PINSTRIPE_HOST=:: PINSTRIPE_FIXTURES=/fixtures
EXPOSE 12111 12112
HEALTHCHECK --interval=2s --timeout=2s --start-period=2s --retries=5 CMD ["/pinstripe", "healthcheck"]
ENTRYPOINT ["/pinstripe"]
