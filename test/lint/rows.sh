#!/bin/bash
# rows.sh - every row of rows.txt is named by a test, and every row that a test names is there once
#
# `rows.sh list` prints each row with the tests that name it.
set -eu
cd "$(dirname "$0")/../.."

rows=test/lint/rows.txt
bad=0

# ROW FILE, for each row that a file of tests names
named()
{
	grep -roE --include='*.c' --include='*.h' --include='*.bats' '(GM|PIM)-[0-9]+' \
		test/unit test/sim test/system |
		sed -E 's|^test/([^:]*):(.*)$|\2 \1|' | sort -u
}

tests=$(named)
if [ "${1:-}" = list ]; then
	while IFS=$'\t' read -r row where what; do
		[[ $row == @(GM|PIM)-* ]] || continue
		printf '%s (%s): %s\n' "$row" "$where" "$what"
		awk -v row="$row" '$1 == row { print "\t" $2 }' <<<"$tests"
	done <"$rows"
	exit
fi

while IFS=$'\t' read -r row _ what; do
	[[ $row == @(GM|PIM)-* && ! $what =~ \]$ ]] || continue
	if ! grep -q "^$row " <<<"$tests"; then
		echo "$rows: no test names $row: $what" >&2
		bad=1
	fi
done <"$rows"
while read -r row file; do
	if ! grep -q "^$row"$'\t' "$rows"; then
		echo "test/$file: there is no row $row" >&2
		bad=1
	fi
done <<<"$tests"
for row in $(cut -f 1 "$rows" | grep -v '^#' | sort | uniq -d); do
	echo "$rows: $row stands there twice" >&2
	bad=1
done
exit $bad
