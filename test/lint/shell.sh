#!/bin/bash
# shell.sh - shellcheck over every shell script, bats files and their helpers included

cd "$(dirname "$0")/../.." || exit 99
if ! command -v shellcheck >/dev/null; then
	echo "shell.sh: shellcheck is not installed"
	exit 77
fi

status=0
mapfile -t scripts < <(
	for name in run .ci/run; do
		[ -f "$name" ] && echo "$name"
	done
	find test conf -name '*.sh' 2>/dev/null | sort
)
mapfile -t helpers < <(find test conf -name '*.bash' 2>/dev/null | sort)
mapfile -t bats < <(find test -name '*.bats' | sort)

check()
{
	local dialect=$1
	shift

	[ $# -gt 0 ] || return 0
	# Sourced files are looked at by themselves (1091).
	shellcheck -f gcc -s "$dialect" -e SC1091 "$@" || status=1
}

for script in "${scripts[@]}"; do
	case $(head -n 1 "$script") in
	'#!/bin/sh'*)
		check sh "$script"
		;;
	*)
		check bash "$script"
		;;
	esac
done
check bash "${helpers[@]}"
check bats "${bats[@]}"
exit $status
