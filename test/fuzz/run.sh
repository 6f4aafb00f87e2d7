#!/bin/bash
# run.sh [TARGET|all [SECONDS [keep]]] - fuzz a target, or each in turn; `./run fuzz` builds first
#
# What is found is kept in build-fuzz/corpus and begun with the next time. With "keep", inputs that
# reach something new are put into test/fuzz/corpus, by their checksums. An input that breaks
# something is written to build-fuzz/found; it is replayed by giving it to the program.

cd "$(dirname "$0")/../.." || exit 99

target=${1:-} seconds=${2:-60} keep=${3:-}
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

# Inputs are small, so that those which are kept are quick to replay.
options=(-max_len=1024 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1)

# fuzz TARGET: 0 if nothing was found
fuzz()
{
	local program=build-fuzz/test/fuzz/$1_fuzz kept=test/fuzz/corpus/$1 status
	local own=build-fuzz/corpus/$1 dict=()

	if [ ! -e "test/fuzz/$1_fuzz.c" ]; then
		echo "fuzz: there is no target $1" >&2
		return 2
	fi
	make -s -C build-fuzz "test/fuzz/$1_fuzz" || return 2
	mkdir -p "$own" build-fuzz/found
	case $1 in
	config | control | igmpproxy_conf | pimd_conf | state | words) dict=(-dict=test/fuzz/words.dict) ;;
	esac
	echo "$1: $seconds s"
	"$program" "${options[@]}" "${dict[@]}" -max_total_time="$seconds" \
		-artifact_prefix="build-fuzz/found/$1-" "$own" "$kept" 2>"build-fuzz/$1.log"
	status=$?
	if [ "$status" -ne 0 ]; then
		grep -vE '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse|RELOAD)' "build-fuzz/$1.log" |
			tail -n 60
		return "$status"
	fi
	grep DONE "build-fuzz/$1.log"
	[ -z "$keep" ] || "$program" "${options[@]}" -merge=1 -use_counters=0 \
		-artifact_prefix="build-fuzz/found/$1-" "$kept" "$own" 2>&1 | grep 'new files'
}

targets()
{
	find test/fuzz -name '*_fuzz.c' -printf '%f\n' | sed 's/_fuzz\.c$//' | sort
}

case $target in
"")
	echo "usage: ./run fuzz TARGET|all [SECONDS [keep]]; there is:"
	targets | sed 's/^/  /'
	;;
all)
	status=0
	for target in $(targets); do
		fuzz "$target" || status=1
	done
	exit $status
	;;
*)
	fuzz "$target"
	;;
esac
