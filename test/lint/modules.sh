#!/bin/bash
# modules.sh [BUILD-DIR] - a module that is opened has one symbol, and needs the C library alone
#
# Looks at every shared object of a plain build.

build=${1:-.}
status=0

complain()
{
	echo "$*"
	status=1
}

if ! command -v readelf >/dev/null; then
	echo "modules.sh: readelf is not installed"
	exit 77
fi
mapfile -t modules < <(find "$build" -path '*/peers' -prune -o -name '*.so' -type f -print | sort)
[ ${#modules[@]} -gt 0 ] || complain "modules.sh: no module was built"
for module in "${modules[@]}"; do
	if nm -D "$module" | grep -q ' __asan_'; then
		echo "modules.sh: $module is instrumented, nothing to see"
		exit 77
	fi
	symbols=$(nm -D --defined-only "$module" | awk '{ print $NF }' | tr '\n' ' ')
	[ "$symbols" = "smckit_module " ] || complain "$module: exports $symbols"
	needed=$(readelf -d "$module" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')
	[ "$needed" = "libc.so.6 " ] || complain "$module: needs $needed"
	# weak ones are the compiler's
	imports=$(nm -D -u "$module" | awk '$1 == "U" && $2 !~ /@GLIBC_/ { print $2 }' | tr '\n' ' ')
	[ -z "$imports" ] || complain "$module: imports $imports"
done
exit $status
