#!/bin/bash
# sim.sh - the simulator: how fast it is, and that a seed is the same whoever compiled it
#
# Each line: what, the figure, its limit, ok or MISS.

cd "$(dirname "$0")/../.." || exit 99

seeds=20
misses=0

# figure NAME VALUE LIMIT UNIT
figure()
{
	local verdict=ok

	if [ "$2" -gt "$3" ]; then
		verdict=MISS
		misses=$((misses + 1))
	fi
	printf '%-48s %8s %8s %s  %s\n' "$1" "$2" "$3" "$4" "$verdict"
}

# seconds COMMAND...: its time on the processors, rounded up
seconds()
{
	local TIMEFORMAT='%U %S'

	{ time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ t = $1 + $2; print int(t) + (t > int(t)) }'
}

# logs BUILD: a sum of the whole logs of some seeds, by the programs built there
logs()
{
	local seed

	for ((seed = 1; seed <= seeds; seed++)); do
		ASAN_OPTIONS=detect_leaks=0 "$1/test/bench/networks" log "$seed" || echo failed
	done | sha256sum
}

# other_build DIR OPTION...: the programs built in another way
other_build()
{
	local dir=$1
	shift

	mkdir -p "$dir"
	(
		cd "$dir" || exit
		[ -f Makefile ] || ../configure -q --enable-werror "$@" || exit
		make -s -j "$(nproc)" test/bench/networks
	) >"$dir/bench.log" 2>&1
}

# same_logs DIR NAME: what differs from the usual build
same_logs()
{
	local differ=1

	if [ "$(logs "$1")" = "$usual" ]; then
		differ=0
	fi
	figure "logs of $seeds seeds that differ, $2" $differ 0 ""
}

# same_logs_of DIR NAME OPTION...: the same of a build that is to be made first
same_logs_of()
{
	if other_build "$1" "${@:3}"; then
		same_logs "$1" "$2"
	else
		echo "$2: cannot be built, see $1/bench.log"
	fi
}

make -s -C build test/bench/networks test/sim/net_random || exit
printf '%-48s %8s %8s\n' "" figure limit
figure "200 routers, 1000 listeners, 10 streams, an hour" \
	"$(seconds build/test/bench/networks hour 200 1000 10)" 30 "s of one core"
begin=$SECONDS
SEEDS=1000 JOBS=2 build/test/sim/net_random >/dev/null 2>&1 || misses=$((misses + 1))
figure "1000 random networks on two cores" $((SECONDS - begin)) 60 s

usual=$(logs build)
same_logs build "the same once more"
same_logs_of build-clang clang CC=clang
same_logs_of build-asan "with sanitizers" --enable-sanitizers CFLAGS="-O1 -g"
echo "$misses limits missed"
[ "$misses" -eq 0 ]
