#!/bin/sh
# abi.sh DIR HEADER - abi.h: a hash of the header and of all of ours that it includes
# shellcheck disable=SC2086 # lists of names

set -e
cd "$1"
files=$2
while :; do
	more=$files
	for name in $(sed -n 's/^#include "\(.*\)"$/\1/p' $files); do
		case " $more " in
		*" $name "*) ;;
		*) more="$more $name" ;;
		esac
	done
	[ "$more" != "$files" ] || break
	files=$more
done
hash=$(cat $files | sha256sum | cut -c 1-16)
echo '/* abi.h - made by abi.sh */'
echo "#define SMCKIT_ABI \"$hash\""
