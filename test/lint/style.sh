#!/bin/bash
# style.sh - the rules of HACKING.md that a machine can see

cd "$(dirname "$0")/../.." || exit 99

shopt -s lastpipe           # a complaint at the end of a pipe sets our status
status=0

# complain REASON: prints file:line: REASON for each file:line:text it reads
complain()
{
	awk -F : -v reason="$1" '{ printf "%s:%d: %s\n", $1, $2, reason; bad = 1 } END { exit bad }' ||
		status=1
}

mapfile -t sources < <(
	find smcrouted smcroutectl igmpproxy pim-module test -name '*.[ch]' 2>/dev/null | sort
)
mapfile -t product < <(printf '%s\n' "${sources[@]}" | grep -v '^test/')
mapfile -t texts < <(
	find .ci smcrouted smcroutectl igmpproxy pim-module conf man test -type f \
		! -path "test/fuzz/corpus/*" 2>/dev/null | sort
	find . -maxdepth 1 -type f \( -name '*.md' -o -name configure.ac -o -name Makefile.am \
		-o -name run -o -name LICENSE -o -name '.[ceg]*' \) | sed 's,^\./,,' | sort
)

# grep_in REASON PATTERN FILE...
grep_in()
{
	local reason=$1 pattern=$2
	shift 2

	[ $# -gt 0 ] || return 0
	grep -InHE -e "$pattern" -- "$@" | complain "$reason"
}

tab=$'\t'

for file in "${sources[@]}"; do
	case $(head -n 1 "$file") in
	"/* ${file##*/} - "*) ;;
	*)
		echo "$file:1: first line is not /* ${file##*/} - what it is for */"
		status=1
		;;
	esac
done
if [ ${#sources[@]} -gt 0 ]; then
	for file in $(LC_ALL=C.UTF-8 wc -L "${sources[@]}" | awk '$1 > 100 && $2 != "total" { print $2 }'); do
		expand "$file" | LC_ALL=C.UTF-8 grep -nE '^.{101}' | sed "s,^,$file:," |
			complain 'more than 100 columns'
	done
fi
grep_in 'indented with spaces, not tabs' "^$tab* {8}|^ +$tab" "${sources[@]}"
grep_in 'work that is left belongs to the tracker' '\<(TODO|FIXME|XXX)\>' "${sources[@]}"
grep_in 'a log line names its subject, not the function' '\<__(func|FUNCTION)__\>' "${product[@]}"
grep_in 'a pointer is nothing to print' '"[^"]*%p' "${product[@]}"
grep_in 'a banner line' '^[[:space:]]*(/\*|//|\*)?[[:space:]]*([-=*#])\2{9}' "${sources[@]}"
grep_in 'trailing blanks' "[ $tab]+\$" "${texts[@]}"
grep_in 'carriage return' $'\r' "${texts[@]}"
grep_in 'a path of one machine' '/wor[k]/' "${texts[@]}"

for file in "${texts[@]}"; do
	if [ -s "$file" ] && grep -Iq . "$file" && [ -n "$(tail -c 1 "$file")" ]; then
		echo "$file:$(grep -c '' "$file"): no newline at the end"
		status=1
	fi
done

if [ ${#sources[@]} -gt 0 ] && command -v clang-format >/dev/null; then
	clang-format --dry-run --Werror "${sources[@]}" 2>&1 | grep -E ': error: ' || true
	[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
fi
exit $status
