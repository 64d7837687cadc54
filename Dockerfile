# The operator's image: one static Swift binary and the C library it is linked to, no shell, no package manager.
#
#   docker build -t rollback-operator:0.1.0 .
#
# BASE is any image with a Swift 6.3 toolchain on glibc 2.35 or newer.
ARG BASE=docker.io/library/swift:6.3-bookworm

# Dependencies alone, so that a change of our own sources does not fetch and build them again: this layer depends on
# Package.swift (and Package.resolved, where there is one) only. Every target is given the least source that makes a
# package. A builder that writes a layer's files anew, as buildah does, would compile them twice: PREBUILD=false only
# fetches them here.
FROM ${BASE} AS dependencies
ARG PREBUILD=true
WORKDIR /build
COPY Package.swift Package.resolved* ./
RUN set -eu; \
    targets() { grep -A1 -E "\.($1)\(" Package.swift | sed -n 's/.*name: "\([^"]*\)".*/\1/p'; }; \
    for name in $(targets 'target|executableTarget|testTarget'); do \
      case $name in *Tests|TestSupport|Simulat*|simulate|Fuzz*|fuzz) folder=Tests/$name ;; \
        *) folder=Sources/$name ;; esac; \
      mkdir -p "$folder"; echo "// placeholder" > "$folder/Placeholder.swift"; \
    done; \
    for name in $(targets executableTarget); do folder=$(echo */"$name"); \
      mv "$folder/Placeholder.swift" "$folder/main.swift"; \
    done; \
    if [ "$PREBUILD" = true ]; then swift build -c release --static-swift-stdlib --product rollback-operator; \
    else swift package resolve; fi

FROM dependencies AS build
RUN rm -rf Sources
COPY Sources Sources
RUN set -eu; \
    swift build -c release --static-swift-stdlib --product rollback-operator; \
    binary=$(swift build -c release --static-swift-stdlib --show-bin-path)/rollback-operator; \
    mkdir -p /image/usr/local/bin /image/etc; \
    strip -o /image/usr/local/bin/rollback-operator "$binary"; \
    ldd "$binary" | grep -o '/[^ ]*' | sort -u | while read -r library; do cp -L --parents "$library" /image; done; \
    echo 'rollback-operator:x:65532:65532::/:/sbin/nologin' > /image/etc/passwd; \
    echo 'rollback-operator:x:65532:' > /image/etc/group; \
    echo 'hosts: files dns' > /image/etc/nsswitch.conf

FROM scratch
LABEL org.opencontainers.image.title="rollback-operator" \
      org.opencontainers.image.description="Returns a Deployment to its last good revision when a new one is breaking" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/rollback-operator"]
CMD ["run"]
