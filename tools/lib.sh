# shellcheck shell=bash
# What ./run and ./test share: the packages of the distribution, Node, and steps that keep a log.
# Sourced from a script that has `set -euo pipefail` and has set `root` to the top of the source tree.

# shellcheck disable=SC2154  # root is set by the script that sources this file
log_dir=$root/build/logs
# ccache takes the headers from the compiler's own list instead of running the preprocessor first: a first build costs a
# fifth less.
export CCACHE_DEPEND=1
step_now=0
step_count=0

say() { printf '%s\n' "$*"; }

# die TEXT...: the last words go to standard error, so that they are seen when the output is piped away.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# A line that repeats the time and the last line of the log, so that nobody wonders whether a long step still lives.
show_progress() {
  local title=$1 log=$2 start=$SECONDS last
  while sleep 1; do
    last=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | tr -cd '[:print:]')
    printf '\r\033[K%s  %d s  %.70s' "$title" $((SECONDS - start)) "$last"
  done
}

# step NAME TITLE COMMAND...: runs the command with its output in build/logs/NAME.log. When it fails, shows the end
# of that log and returns the command's status.
step() {
  local name=$1 title=$2 log ticker='' status=0 start=$SECONDS
  shift 2
  mkdir -p "$log_dir"
  log=$log_dir/$name.log
  step_now=$((step_now + 1))
  if ((step_count > 0)); then title="[$step_now/$step_count] $title"; fi
  : >"$log"
  if [[ -t 1 ]]; then
    show_progress "$title" "$log" &
    ticker=$!
  else
    say "$title"
  fi
  # In a subshell: a command that exits must not take the script, and its last line, with it.
  ("$@") >>"$log" 2>&1 </dev/null || status=$?
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r\033[K'
  fi
  if ((status == 0)); then
    if [[ -n $ticker ]]; then
      say "$title: done in $((SECONDS - start)) s"
    elif ((SECONDS - start >= 10)); then
      say "    done in $((SECONDS - start)) s"
    fi
    return 0
  fi
  say "$title: FAILED with status $status after $((SECONDS - start)) s. The end of $log:"
  tail -n "${CLEARLINE_LOG_LINES:-60}" "$log" | sed 's/^/    /'
  return "$status"
}

# The package list of this distribution: Ubuntu has its own, everything else is taken for Debian.
package_list() {
  local id=debian
  # shellcheck source=/dev/null
  if [[ -r /etc/os-release ]]; then id=$(. /etc/os-release && printf '%s' "${ID:-debian}"); fi
  if [[ $id != ubuntu ]]; then id=debian; fi
  printf '%s/tools/packages-%s.txt' "$root" "$id"
}

# packages_of GROUP...: the names in the list that belong to one of the groups. A line is "name [group]"; no group is
# "build".
packages_of() {
  local wanted=" $* " name group
  while read -r name group _; do
    if [[ -z $name || $name == '#'* ]]; then continue; fi
    if [[ $wanted == *" ${group:-build} "* ]]; then printf '%s\n' "$name"; fi
  done <"$(package_list)"
}

# missing_packages NAME...: those that are not installed. Asks dpkg's own state, so it needs no network.
missing_packages() {
  local name
  if (($# == 0)); then return 0; fi
  command -v dpkg-query >/dev/null ||
    die "this is neither Debian nor Ubuntu (no dpkg-query); install by hand what $(package_list) names"
  declare -A installed=()
  while read -r name; do installed[$name]=1; done < <(
    # shellcheck disable=SC2016  # the dollar signs are dpkg-query's own
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p')
  for name in "$@"; do
    if [[ -z ${installed[$name]:-} ]]; then printf '%s\n' "$name"; fi
  done
}

is_root() { ((EUID == 0)); }

apt_install() {
  local as_root=()
  if ! is_root; then as_root=(sudo); fi
  # A source that cannot be reached is no reason to stop: the install below says what it lacks.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 update || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    install -y --no-install-recommends "$@"
}

# install_packages NAME...: one step of apt for what is missing; nothing at all when everything is there.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then return 0; fi
  if ! is_root; then
    command -v sudo >/dev/null ||
      die "these packages are missing and need root to install. Run this as root, then start again:
  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    say "sudo is used to install: ${missing[*]}"
    sudo -v || die "sudo refused. As root: apt-get install -y --no-install-recommends ${missing[*]}"
  fi
  step apt "Installing ${#missing[@]} packages with apt" apt_install "${missing[@]}"
}

# Vite needs 20.19, or 22.12 and later; Debian 12 and Ubuntu 24.04 package 18.
node_is_recent() {
  local version major minor
  version=$("$1" --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${version#v}"
  ((major == 20 && minor >= 19 || major == 22 && minor >= 12 || major > 22))
}

# The folder of the Node that tools/node pins. Not node_modules/.bin: npm 9 makes no link there for an optional package.
pinned_node_folder() {
  local machine
  case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) machine=$(uname -m) ;;
  esac
  printf '%s/build/node/node_modules/node-linux-%s/bin' "$root" "$machine"
}

pinned_node_is_installed() {
  cmp -s "$root/tools/node/package-lock.json" "$root/build/node/package-lock.json" &&
    node_is_recent "$(pinned_node_folder)/node"
}

# set_up_node: makes a recent `node` the first on PATH. The system's is taken when it will do; otherwise the
# distribution's npm installs the one that tools/node pins by hash into build/node.
set_up_node() {
  if node_is_recent node; then return 0; fi
  if ! pinned_node_is_installed; then step node "Installing the pinned Node" install_pinned_node || return 1; fi
  PATH=$(pinned_node_folder):$PATH
  export PATH
}

install_pinned_node() {
  rm -rf "$root/build/node"
  mkdir -p "$root/build"
  cp -r "$root/tools/node" "$root/build/node"
  (cd "$root/build/node" && npm ci --ignore-scripts --no-audit --no-fund) || return 1
  node_is_recent "$(pinned_node_folder)/node" ||
    die "the pinned Node does not run on this machine ($(uname -m))"
}

# hash_of PATH...: one hash of the names and contents below these paths, without what is built there.
hash_of() {
  find "$@" \( -name node_modules -o -name dist -o -name test-results \) -prune -o -type f -print0 2>/dev/null |
    LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -d ' ' -f 1
}

# up_to_date STAMP HASH, stamp STAMP HASH: remember what a step was last done for.
up_to_date() { [[ -r $1 && $(<"$1") == "$2" ]]; }
stamp() {
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "$2" >"$1"
}

# The build starts from the panel; a tree without it has no web client to serve.
have_web() { [[ -f $root/web/package.json && -f $root/web/packages/widget/src/panel/index.tsx ]]; }

web_packages_are_installed() {
  [[ -d $root/web/node_modules ]] && up_to_date "$root/build/stamps/web-packages" "$(hash_of "$root/web/package-lock.json")"
}

web_is_built() {
  [[ -d $root/web/dist ]] && up_to_date "$root/build/stamps/web-dist" "$(hash_of "$root/web" "$root/src/registry")"
}

install_web_packages() {
  if web_packages_are_installed; then return 0; fi
  rm -f "$root/build/stamps/web-packages"
  step web-packages "Installing the web client's packages" npm --prefix "$root/web" ci --ignore-scripts || return 1
  stamp "$root/build/stamps/web-packages" "$(hash_of "$root/web/package-lock.json")"
}

# build_web: web/dist from web/. Needs set_up_node and install_web_packages.
build_web() {
  if web_is_built; then return 0; fi
  step web-build "Building the web client" npm --prefix "$root/web" run build || return 1
  stamp "$root/build/stamps/web-dist" "$(hash_of "$root/web" "$root/src/registry")"
}
