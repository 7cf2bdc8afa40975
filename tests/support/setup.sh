# Shared by demos/run and tests/run, sourced by bash: install what is missing, build.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build_packages=(build-essential cmake ninja-build pkg-config libseccomp-dev libunwind-dev libcmocka-dev zlib1g-dev uthash-dev python3)

# say TEXT...: to standard error, so that a demo's trace stays alone on standard output.
say() {
	printf '== %s\n' "$*" >&2
}

die() {
	printf '%s: %s\n' "$0" "$*" >&2
	exit 1
}

# as_root COMMAND...: sudo only when it is needed.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# need_packages NAME...: install what is missing, and nothing (not even an update of the package lists) when nothing is.
need_packages() {
	if ! command -v dpkg-query >/dev/null; then
		say "no dpkg on this system: these Debian packages' counterparts are needed: $*"
		return 0
	fi
	local installed name missing=()
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
	for name in "$@"; do
		grep -qxF "installed $name" <<<"$installed" || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0

	if [ "$(id -u)" -eq 0 ]; then
		say "installing with apt-get: ${missing[*]}"
	elif command -v sudo >/dev/null; then
		say "installing with sudo apt-get: ${missing[*]}"
	else
		die "these packages are missing, and there is neither root nor sudo to install them: ${missing[*]}"
	fi
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2 ||
		say "apt-get update failed; trying with the package lists at hand"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o Dpkg::Options::=--force-confold install "${missing[@]}" >&2 ||
		die "apt-get could not install: ${missing[*]}"
}

# cached DIR VARIABLE: the value in DIR's CMake cache, empty when there is none.
cached() {
	sed -n "s/^$2:[A-Z]*=//p" "$1/CMakeCache.txt" 2>/dev/null
}

# quietly COMMAND...: its output only when it fails, which ends the script.
quietly() {
	local output
	output=$("$@" 2>&1) || {
		printf '%s\n' "$output" >&2
		die "failed: $*"
	}
}

# build DIR TARGETS CMAKE_ARGS...: configure when DIR is new or an argument -DX=Y differs from its cache, then build.
build() {
	local dir=$1 targets=$2 arg variable stale=no
	shift 2
	cd "$top"
	[ -f "$dir/build.ninja" ] || stale=yes
	for arg in "$@"; do
		case $arg in
		-D*=*)
			variable=${arg#-D}
			[ "$(cached "$dir" "${variable%%=*}")" = "${variable#*=}" ] || stale=yes
			;;
		esac
	done
	if [ "$stale" = yes ]; then
		say "building in $dir/"
		quietly cmake "$@"
	fi
	# shellcheck disable=SC2086 # several targets in one word
	quietly ninja -C "$dir" $targets
}
