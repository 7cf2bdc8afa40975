# Shared by demos/run and tests/run, sourced by bash: install what is missing, build.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build_packages=(build-essential cmake ninja-build pkg-config libseccomp-dev libunwind-dev libcmocka-dev zlib1g-dev uthash-dev python3)

# say TEXT...: to standard error, so that a demo's trace stays alone on standard output.
say() {
	printf '== %s\n' "$*" >&2
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
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

# build DIR TARGET CMAKE_ARGS...: configure when DIR is new or an argument -DX=Y differs from its cache, then build.
build() {
	local dir=$1 target=$2 arg stale=no
	shift 2
	[ -f "$dir/build.ninja" ] || stale=yes
	for arg in "$@"; do
		case $arg in
		-D*=*)
			local variable=${arg#-D}
			[ "$(cached "$dir" "${variable%%=*}")" = "${variable#*=}" ] || stale=yes
			;;
		esac
	done
	if [ "$stale" = yes ]; then
		(cd "$top" && cmake "$@") >"$dir.log" 2>&1 || {
			cat "$dir.log" >&2
			die "cmake $* failed"
		}
		rm -f "$dir.log"
	fi
	ninja -C "$dir" "$target" >"$dir.log" 2>&1 || {
		cat "$dir.log" >&2
		die "the build in $dir failed"
	}
	rm -f "$dir.log"
}
