#!/usr/bin/env bash
# reports.sh begin DIR: make it ready for the reports of sanitizers, whatever user the tracer runs as.
# reports.sh none DIR: fail if there are any, and show them.
set -euo pipefail

case $1 in
begin)
	rm -rf "$2"
	mkdir -m 1777 "$2"
	;;
none)
	shopt -s nullglob
	found=("$2"/*)
	[ ${#found[@]} -gt 0 ] || exit 0
	head -n 60 "${found[@]:0:20}"
	printf '%d reports in %s\n' ${#found[@]} "$2"
	exit 1
	;;
esac
