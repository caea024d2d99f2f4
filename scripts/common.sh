# Shared by scripts/test, scripts/check-static and tests/sdk/run, which source it: what each stage needs of the machine,
# and the one release binary. Sourcing it changes to the root of the repository; relative paths of the caller's variables
# are made absolute first, so they mean what they mean to cargo.
# shellcheck shell=bash

case "${CARGO_TARGET_DIR:-}" in "" | /*) ;; *) export CARGO_TARGET_DIR="$PWD/$CARGO_TARGET_DIR" ;; esac
case "${PINSTRIPE_BINARY:-}" in "" | /*) ;; *) export PINSTRIPE_BINARY="$PWD/$PINSTRIPE_BINARY" ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Prints the comment at the top of a script.
usage() { # usage FILE
  awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$1"
}

# Whether this kind of machine can run a stage at all, whatever is installed.
supported() { # supported STAGE
  case "$1" in
    static | image | whole-image | reactor | memory | scale) [ "$(uname -s)" = Linux ] ;;
    cli | packages) [ "$(uname -sm)" = "Linux x86_64" ] ;; # the only kind for which a package holds the Stripe CLI, or ours are tried
  esac
}

# Prints how a command gets the right to change its root directory; fails if there is no way.
root_by() {
  if [ "$(id -u)" -eq 0 ]; then
    echo root
  elif sudo -n true 2>/dev/null; then
    echo sudo
  elif unshare --user --map-root-user true 2>/dev/null; then
    echo namespace
  else
    return 1
  fi
}

# Whether Docker is there, and its daemon as well.
docker_runs() {
  docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# Prints the browser of the machine; the variable CHROMIUM names another one.
browser() {
  if [ -n "${CHROMIUM:-}" ]; then echo "$CHROMIUM"; else command -v chromium || command -v chromium-browser || command -v google-chrome; fi
}

# The parts of `lacks`; each prints a line `WHAT<tab>DEBIAN-PACKAGE`, the package empty where there is none.
lack() { # lack WHAT [PACKAGE]
  printf '%s\t%s\n' "$1" "${2:-}"
}
lack_tool() { # lack_tool COMMAND PACKAGE [WHAT-IT-IS]
  command -v "$1" >/dev/null 2>&1 || lack "$1${3:+ ($3)}" "$2"
}
lack_rust() {
  lack_tool cargo "" "Rust 1.95 or newer, https://rustup.rs"
  lack_tool cc build-essential "a C compiler"
}
lack_node() {
  lack_tool node "" "Node.js 20 or newer"
  lack_tool npm "" "it comes with Node.js"
  if command -v node >/dev/null 2>&1 && [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    lack "Node.js 20 or newer (this is $(node --version))"
  fi
}
lack_python() {
  lack_tool python3 python3 "Python 3.10 or newer"
  if command -v python3 >/dev/null 2>&1; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || lack "Python 3.10 or newer (this is $(python3 --version))"
  fi
}

# Prints what a stage needs and the machine lacks.
lacks() { # lacks STAGE
  supported "$1" || lack "another machine: the stage $1 does not run on $(uname -sm)"
  case "$1" in
    format)
      lack_tool cargo "" "Rust 1.95 or newer, https://rustup.rs"
      cargo fmt --version >/dev/null 2>&1 || lack "cargo fmt (rustup component add rustfmt)"
      ;;
    lints)
      lack_rust
      cargo clippy --version >/dev/null 2>&1 || lack "cargo clippy (rustup component add clippy)"
      ;;
    docs | rust | build | soak | counts | audit | growth) lack_rust ;;
    supply)
      lack_rust
      lack_python
      ;;
    reactor | memory) lack_python ;;
    scale)
      lack_python
      PATH="$PATH:/usr/sbin" lack_tool nginx nginx-light
      ;;
    static)
      lack_tool readelf binutils
      lack_tool chroot coreutils
      lack_tool curl curl
      lack_python
      root_by >/dev/null || lack "the right to change the root directory (root, sudo without a password, or user namespaces)"
      ;;
    image)
      lack_tool curl curl
      lack_python
      if ! docker_runs; then
        lack_tool buildah buildah
        case "$(root_by || true)" in root | sudo) ;; *) lack "Docker, or root or sudo without a password" ;; esac
      fi
      ;;
    whole-image)
      if ! docker_runs; then
        lack_rust
        lack_tool debootstrap debootstrap
      fi
      ;;
    packages | exec | ages)
      lack_node
      lack_python
      python3 -c 'import ensurepip, venv' 2>/dev/null || lack "Python's module venv" python3-venv
      lack_tool curl curl
      if [ "$1" = exec ]; then
        lack_tool openssl openssl
        lack_tool ruby ruby
        lack_tool php php-cli
        php -r 'exit((int) !extension_loaded("curl"));' 2>/dev/null || lack "PHP's module curl" php-curl
        if [ "${EXEC_ALL:-}" = true ]; then
          lack_tool go golang-go
          lack_tool psql postgresql
        fi
      fi
      ;;
    node | cli)
      lack_node
      lack_tool curl curl
      ;;
    python)
      lack_python
      python3 -c 'import ensurepip, venv' 2>/dev/null || lack "Python's module venv" python3-venv
      lack_tool curl curl
      ;;
    curl)
      lack_python
      lack_tool curl curl
      ;;
    browser)
      lack_node
      lack_tool curl curl
      lack_tool pdftotext poppler-utils
      browser >/dev/null || lack "a browser (Chromium, or the path of one in CHROMIUM)" chromium
      lack_tool "${CHROMEDRIVER:-chromedriver}" chromium-driver "the driver of Chromium, for Selenium; CHROMEDRIVER names another one"
      ;;
    *)
      lack "a line in scripts/common.sh for the stage $1"
      ;;
  esac
}

# Ends the script unless the machine has all that the stages need. With CI=true the Debian packages among it are installed
# first; a person's machine is left as it is.
require() { # require STAGE...
  local stage lacking packages=() as_root=()
  lacking="$(for stage; do lacks "$stage"; done | sort -u)"
  [ -n "$lacking" ] || return 0
  read -r -a packages <<<"$(cut -f2 <<<"$lacking" | tr '\n' ' ')"
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  if [ "${CI:-}" = true ] && [ "${#packages[@]}" -gt 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "==> installs ${packages[*]}"
    ${as_root[@]+"${as_root[@]}"} apt-get update -qq || echo "apt-get update failed" >&2
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      "${packages[@]}" || echo "apt-get install failed" >&2
    lacking="$(for stage; do lacks "$stage"; done | sort -u)"
    [ -n "$lacking" ] || return 0
  fi
  echo "$0 can't run, this is missing:" >&2
  cut -f1 <<<"$lacking" | sed 's/^/  /' >&2
  if [ "${#packages[@]}" -gt 0 ]; then echo "On Debian and Ubuntu: apt-get install ${packages[*]}" >&2; fi
  exit 1
}

# Prints the path of the release binary: what PINSTRIPE_BINARY names, else the static build, made if it is not up to date.
release_binary() {
  local binary="${PINSTRIPE_BINARY:-}"
  if [ -z "$binary" ]; then
    # RUSTFLAGS would replace the flags that make it static.
    binary="$(env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS cargo static --locked --message-format=json-render-diagnostics |
      sed -n '/"kind":\["bin"\]/ s/.*"executable":"\([^"]*\)".*/\1/p')" || return
  fi
  if [ ! -f "$binary" ] || [ ! -x "$binary" ]; then
    echo "there is no program at $binary" >&2
    return 1
  fi
  # Whoever passes the program on passes these on with it.
  if [ -z "${PINSTRIPE_BINARY:-}" ]; then cp LICENSE THIRD-PARTY-NOTICES.txt "$(dirname "$binary")/"; fi
  printf '%s\n' "$binary"
}
