#!/bin/bash
# layers.sh - who may include whom: the table of ARCHITECTURE.md, checked line by line

cd "$(dirname "$0")/../.." || exit 99

# What decides is pure: these headers only, beside our own.
pure="assert ctype errno inttypes limits stdalign stdarg stdbool stddef stdint stdio stdlib
	stdnoreturn string strings arpa/inet netinet/in
	libite/lite libite/queue libite/strlite libite/tree
	lite/lite lite/queue lite/strlite lite/tree"

# layer FOLDER SYSTEM OURS...: what files in FOLDER may include. SYSTEM is "pure" or "any"; OURS are
# patterns for names as written. A header of the own folder may always be named without a path.
layer()
{
	local dir=$1 system=$2 files
	shift 2

	[ -d "$dir" ] || return 0
	mapfile -t files < <(find "$dir" -maxdepth 1 -name '*.[ch]' \
		! -path igmpproxy/main.c ! -path pim-module/main.c | sort)
	[ ${#files[@]} -gt 0 ] || return 0
	[ "$system" = any ] || system=$pure

	awk -v dir="$dir" -v system_headers="$system" -v ours="$*" '
	BEGIN {
		any = system_headers == "any"
		n = split(system_headers, list)
		for (i = 1; i <= n; i++)
			allowed[list[i] ".h"] = 1
		npatterns = split(ours, pattern)
	}
	function complain(what) {
		printf "%s:%d: %s may not include %s\n", FILENAME, FNR, dir, what
		bad = 1
	}
	function is_ours(name,   i) {
		for (i = 1; i <= npatterns; i++)
			if (name ~ "^" pattern[i] "$")
				return 1
		return name !~ /\// && !system("test -f " dir "/" name)
	}
	/^[ \t]*#[ \t]*include/ {
		if (match($0, /<[^>]*>/)) {
			name = substr($0, RSTART + 1, RLENGTH - 2)
			if (!any && !(name in allowed))
				complain("<" name ">")
		} else if (match($0, /"[^"]*"/)) {
			name = substr($0, RSTART + 1, RLENGTH - 2)
			if (!is_ours(name))
				complain("\"" name "\"")
		} else
			complain("what this line computes")
	}
	END { exit bad }
	' "${files[@]}" || status=1
}

status=0
lib='lib/[a-z0-9_]+[.]h'

layer smcrouted/lib     pure "$lib"
layer smcrouted/core    pure "$lib" 'core/[a-z0-9_]+[.]h'
layer smcrouted/linux   any  "$lib" 'core/(kern|router)[.]h' 'linux/[a-z0-9_]+[.]h'
layer smcrouted/static  pure "$lib" 'static/[a-z0-9_]+[.]h'
layer smcrouted/mrd     pure "$lib" 'mrd/[a-z0-9_]+[.]h'
layer igmpproxy         pure "$lib"
layer pim-module        pure "$lib"
layer test/module       pure "$lib"
layer smcroutectl       any  "$lib"
layer test/sim          any  "$lib" 'core/(router|kern)[.]h' '(static/static|mrd/mrd)[.]h' \
	'igmpproxy/(gm|codec|host|message|proxy)[.]h' 'pim-module/(bsr|macros|pim|msg(_[a-z]+)?)[.]h' \
	'sim/[a-z0-9_]+[.]h'
exit $status
