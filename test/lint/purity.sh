#!/bin/bash
# purity.sh [BUILD-DIR] - what decides imports nothing that acts, and keeps nothing that varies
#
# lib, core and engines may call functions of the C library that only compute, and one another as
# the layers allow. They have no writable data. Looks at the archives of a plain gcc build.

build=${1:-.}

# Patterns of symbols that only compute. The stdio ones write to memory; __errno_location is there
# for strtol() and its kin, and for lib alone.
compute='
(mem|str|stp|bcmp|bsearch|qsort)[a-z]*
str(casecmp|ncasecmp|chrnul|tok_r)
v?(sn|as)printf
(malloc|calloc|realloc|reallocarray|free)
(ato|strto)[a-z]+
__isoc(99|23)_(strto[a-z]+|v?sscanf)
__v?(sn|as)printf_chk
__(mem|str|stp)[a-z]+_chk
__ctype_(b|tolower|toupper)_loc
(is[a-z]+|to(lower|upper))
(hton|ntoh)[ls]
inet_(ntop|pton)
fnmatch
__assert_fail
__stack_chk_fail(_local)?
_GLOBAL_OFFSET_TABLE_
__(popcount|clz|ctz|ffs|bswap|parity|u?div|u?mod)[sdt]i[234]
'

# These match a pattern above but do act, or keep state of their own.
act='strerror|strtok|strsignal|strfry|memfrob|memfd_create|strftime|strptime|isatty|strfmon'

undefined()
{
	nm -A -u "$@" 2>/dev/null | awk '{ name = $NF; sub(/@.*/, "", name); print name, $1 }'
}

defined()
{
	nm --defined-only -g "$@" 2>/dev/null | awk 'NF >= 3 { print $3 }'
}

# pure ARCHIVE EXTRA-PATTERNS [ARCHIVE it may call]...
pure()
{
	local archive=$1 pattern
	pattern=$(printf '%s\n%s' "$compute" "$2" | awk 'NF { printf "%s%s", n++ ? "|" : "", $0 }')
	shift 2

	[ -f "$archive" ] || return 0
	if undefined "$archive" | grep -qE '^__(asan|ubsan|tsan|msan)_'; then
		echo "purity.sh: $archive is instrumented, nothing to see"
		exit 77
	fi

	undefined "$archive" | LC_ALL=C sort -u |
	awk -v pattern="^($pattern)\$" -v act="^($act)\$" '
		NR == FNR { known[$1] = 1; next }
		$1 in known { next }
		$1 ~ pattern && $1 !~ act { next }
		{ sub(/:$/, "", $2); printf "%s: imports %s()\n", $2, $1; bad = 1 }
		END { exit bad }
	' <(defined "$archive" "$@"; echo .) - || status=1

	nm -A -f sysv "$archive" 2>/dev/null |
	awk -F '|' '
		NF >= 7 {
			type = $3
			section = $7
			gsub(/[ \t]/, "", type)
			gsub(/[ \t]/, "", section)
			if (type !~ /^[dDbBsSgGC]$/ || section ~ /^[.]data[.]rel[.]ro/)
				next
			sub(/[ \t]+$/, "", $1)
			printf "%s: writable data (%s)\n", $1, section
			bad = 1
		}
		END { exit bad }
	' || status=1
}

status=0
lib=$build/libsmc.a
if ! command -v nm >/dev/null; then
	echo "purity.sh: nm is not installed"
	exit 77
fi
for archive in "$lib" "$build/libcore.a"; do
	if [ ! -f "$archive" ]; then
		echo "purity.sh: no $archive, build first"
		exit 1
	fi
done

# nm would look at what is for link-time optimisation, and not at the code.
plain=$(mktemp -d)
trap 'rm -rf "$plain"' EXIT
for archive in "$build"/lib*.a; do
	objcopy -R '.gnu.lto_*' "$archive" "$plain/${archive##*/}"
done
build=$plain
lib=$build/libsmc.a

pure "$lib" 'abort
__errno_location'
pure "$build/libcore.a" '' "$lib"
for engine in static mrd gm proxy pim igmpproxy; do
	pure "$build/lib$engine.a" '' "$lib"
done
exit $status
