#!/bin/bash
# man.sh - the manual pages are sound mdoc

cd "$(dirname "$0")/../.." || exit 99
if ! command -v mandoc >/dev/null; then
	echo "man.sh: mandoc is not installed"
	exit 77
fi

# Whether manuals of others are installed here says nothing about ours.
if mandoc -T lint -W style man/*.[1-9] 2>/dev/null | grep -v 'referenced manual not found'; then
	exit 1
fi

# But what they say of one another must be there.
sed -n 's/^[.]Xr \(smc[^ ]*\|igmpproxy[^ ]*\|pimd\) \([1-9]\).*/\1.\2/p' man/*.[1-9] | sort -u | {
	status=0
	while read -r name; do
		if [ ! -f "man/$name" ]; then
			echo "man.sh: there is no man/$name"
			status=1
		fi
	done
	exit $status
}
