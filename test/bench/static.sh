#!/bin/bash
# static.sh - configured routes: how fast, how small, beside smcroute and the bare system calls
#
# All in network namespaces that are made for it, for which and for smcroute see router.bash. Of
# times the least of several runs is taken, runs of all alternate; of delays the median.
# Each line: name, ours, smcroute's, the bare loop's, what is judged, its limit, ok or MISS.
# smcroute's is for fewer routes where it would take minutes, which the limit's column says.
# shellcheck disable=SC2154 # router.bash has them

source "$(dirname "$0")/router.bash"
source "$(dirname "$0")/traffic.bash"

# The bare loop, least in bare[4|6-COUNT]
bare_once()
{
	local took

	lone_router bare
	took=$(in_space bare "$tools/routes" bare "$1" "$2") || die "the bare loop fails"
	least "bare[$1-$2]" "$took"
	drop_space bare
}

# load_once NAME PROGRAM 4|6 COUNT: the time until all routes of the file are in the kernel
load_once()
{
	lone_router load
	up "$1" load "$2" "$tmp/routes-$3-$4"
	expect "$1" load "$3" "$4"
	loaded_pss=$(pss "$1")
	down "$1" KILL
	drop_space load
}

declare -A bare load load_pss
none=

# start_none RUNS: the start with an empty file, least in $none
start_none()
{
	local i

	for ((i = 0; i < $1; i++)); do
		lone_router load
		up ours load "$bin/smcrouted" "$tmp/empty"
		least none "${ready_us[ours]}"
		down ours KILL
		drop_space load
	done
}

# load_figures COUNT RUNS [none]: as a whole, or beyond the start with an empty file
load_figures()
{
	local n=$1 v i theirs ours text

	for v in 4 6; do
		"$tools/routes" file "$v" "$n" >"$tmp/routes-$v-$n"
	done
	for ((i = 0; i < $2; i++)); do
		[ -z "${3:-}" ] || start_none 1
		for v in 4 6; do
			bare_once "$v" "$n"
			load_once ours "$bin/smcrouted" "$v" "$n"
			least "load[$v-$n]" "${ready_us[ours]}"
			load_pss[$v-$n]=$loaded_pss
		done
	done
	for v in 4 6; do
		theirs=
		if [ -n "$peer" ] && [ "$n" -le 10000 ]; then
			load_once theirs "$peer/usr/sbin/smcrouted" "$v" "$n"
			theirs=${ready_us[theirs]}
		fi
		ours=${load[$v-$n]}
		text="2 x bare"
		if [ -n "${3:-}" ]; then
			ours=$((ours - none))
			text="2 x bare + $(ms "$none") of none"
		fi
		figure "start with $n IPv$v routes, ms" "$(ms "${load[$v-$n]}")" "$(ms "$theirs")" \
			"$(ms "${bare[$v-$n]}")" "$(ratio "$ours" "${bare[$v-$n]}")" 2 "$text"
	done
}

# Ten times the routes in ten times the time; the kernel itself needs a little more for large tables.
linear_figures()
{
	local v grows

	for v in 4 6; do
		grows=$(ratio "${bare[$v-100000]}" "${bare[$v-10000]}")
		figure "start with 100000 / with 10000, IPv$v" "$(ms "${load[$v-100000]}")" "" \
			"$grows" "$(ratio "${load[$v-100000]}" "${load[$v-10000]}")" \
			"$(awk -v g="$grows" 'BEGIN { print (1.1 * g > 11) ? 1.1 * g : 11 }')" \
			"11, or 1.1 x bare's"
	done
}

# join_once NAME PROGRAM 4|6 COUNT: the time until the range of groups of the file is joined
join_once()
{
	local found

	lone_router load
	up "$1" load "$2" "$tmp/groups-$3"
	found=$(in_space load "$tools/joins" count "$3" "$4")
	[ "$found" = "$4" ] || die "$1: $found of $4 IPv$3 groups are joined"
	took=${ready_us[$1]}
	down "$1" KILL
	drop_space load
}

# join_figures: 1024 groups, beyond the start with an empty file
join_figures()
{
	local n=1024 v i took ours theirs loop none=

	echo "mgroup from eth0 group 225.0.0.0/22" >"$tmp/groups-4"
	echo "mgroup from eth0 group ff15::/118" >"$tmp/groups-6"
	for v in 4 6; do
		ours='' theirs='' loop=''
		for ((i = 0; i < 15; i++)); do
			start_none 1
			join_once ours "$bin/smcrouted" "$v" "$n"
			least ours "$took"
			lone_router bare
			least loop "$(in_space bare "$tools/joins" bare "$v" "$n")"
			drop_space bare
		done
		if [ -n "$peer" ]; then
			join_once theirs "$peer/usr/sbin/smcrouted" "$v" "$n"
			theirs=$took
		fi
		figure "start with $n IPv$v groups, ms" "$(ms "$ours")" "$(ms "$theirs")" \
			"$(ms "$loop")" "$(ratio $((ours - none)) "$loop")" 1.5 \
			"1.5 x bare + $(ms "$none") of none"
	done
}

# batch_once NAME CONTROL 4|6 COUNT: a batch's microseconds in $took
batch_once()
{
	local begin=${EPOCHREALTIME/[.,]/}

	"$2" -u "$tmp/$1.sock" -b <"$tmp/batch-$3-$4" >"$tmp/batch.out" 2>&1 ||
		die "$1: $(tail -n 1 "$tmp/batch.out")"
	took=$((${EPOCHREALTIME/[.,]/} - begin))
}

# batch_figure 4|6 COUNT RUNS
batch_figure()
{
	local v=$1 n=$2 i took ours='' theirs=''

	"$tools/routes" batch "$v" "$n" >"$tmp/batch-$v-$n"
	for ((i = 0; i < $3; i++)); do
		bare_once "$v" "$n"
		lone_router load
		up ours load "$bin/smcrouted" "$tmp/empty"
		batch_once ours "$bin/smcroutectl" "$v" "$n"
		least ours "$took"
		expect ours load "$v" "$n"
		down ours KILL
		drop_space load
	done
	if [ -n "$peer" ] && [ "$n" -le 1000 ]; then
		lone_router load
		up theirs load "$peer/usr/sbin/smcrouted" "$tmp/empty"
		batch_once theirs "$peer/usr/sbin/smcroutectl" "$v" "$n"
		theirs=$took
		expect theirs load "$v" "$n"
		down theirs KILL
		drop_space load
	fi
	figure "batch of $n IPv$v adds, ms" "$(ms "$ours")" "$(ms "$theirs")" \
		"$(ms "${bare[$v-$n]}")" "$(ratio "$ours" "${bare[$v-$n]}")" "${4:-}" "${5:-}"
}

# spawn_figures TEXT LIMIT: /bin/true, and a route that comes and goes, all in turn
spawn_figures()
{
	local route=(eth0 10.9.9.9 "226.1.@" eth1) one commands

	at_once ours
	[ -z "$peer" ] || at_once theirs
	commands=(/bin/true
		-- "$bin/smcroutectl" -u "$tmp/ours.sock" add "${route[@]}"
		-- "$bin/smcroutectl" -u "$tmp/ours.sock" remove "${route[@]:0:3}")
	[ -z "$peer" ] || commands+=(
		-- "$peer/usr/sbin/smcroutectl" -u "$tmp/theirs.sock" add "${route[@]}"
		-- "$peer/usr/sbin/smcroutectl" -u "$tmp/theirs.sock" remove "${route[@]:0:3}")
	mapfile -t one < <("${at_once[@]}" "$tools/spawn" 300 "${commands[@]}")
	[ "${#one[@]}" -ge 3 ] || die "no times of single processes"
	figure "one add$1, us" "${one[1]}" "${one[3]:-}" "${one[0]}" \
		"$(ratio "${one[1]}" "${one[0]}")" "$(limit_of "${one[0]}" "$2")" "$2"
	figure "one remove$1, us" "${one[2]}" "${one[4]:-}" "${one[0]}" \
		"$(ratio "${one[2]}" "${one[0]}")" "$(limit_of "${one[0]}" "$2")" "$2"
}

# In units of /bin/true
limit_of()
{
	[ -z "$2" ] || awk -v t="$1" 'BEGIN { printf "%.2f", (1.1 * t + 100) / t }'
}

# both UP-FUNCTION: both daemons beside each other, with nothing configured
both()
{
	lone_router ours
	"$1" ours ours "$bin/smcrouted" "$tmp/empty"
	if [ -n "$peer" ]; then
		lone_router theirs
		"$1" theirs theirs "$peer/usr/sbin/smcrouted" "$tmp/empty"
	fi
}

both_down()
{
	down ours
	drop_space ours
	if [ -n "$peer" ]; then
		down theirs KILL
		drop_space theirs
	fi
}

size_figures()
{
	local ours theirs='' v per

	ours=$(stat -c %s "$bin/smcrouted")
	[ -z "$peer" ] || theirs=$(stat -c %s "$peer/usr/sbin/smcrouted")
	figure "stripped smcrouted, kB" $((ours / 1024)) "${theirs:+$((theirs / 1024))}" "" \
		$((ours / 1024)) 279 "less than 280 kB"

	both up_by_hand
	ours=$(pss ours)
	[ -z "$peer" ] || theirs=$(pss theirs)
	figure "idle Pss, kB" $((ours / 1024)) "${theirs:+$((theirs / 1024))}" "" \
		"$(ratio "$ours" "${theirs:-0}")" "${theirs:+1}" "smcroute's"
	for v in 4 6; do
		per=$(((load_pss[$v-100000] - ours) / 100000))
		figure "Pss per IPv$v route of 100000, bytes" "$per" "" "" "$per" 320 "320 bytes"
	done
	both_down
}

command_figures()
{
	local took

	both up_by_hand
	spawn_figures "" "1.1 x true + 100 us"
	batch_once ours "$bin/smcroutectl" 4 1000
	[ -z "$peer" ] || batch_once theirs "$peer/usr/sbin/smcroutectl" 4 1000
	spawn_figures ", 1000 are there" ""
	both_down
	both up
	spawn_figures ", with a manager" ""
	both_down
}

fetch_peer smcroute usr/sbin/smcrouted -v
: >"$tmp/empty"
printf '%-40s %9s %9s %9s %9s  %s\n' "" ours smcroute bare ratio limit
load_figures 100 25 none
load_figures 1000 25 none
load_figures 10000 9
load_figures 100000 4
linear_figures
batch_figure 4 1000 3
batch_figure 4 100000 3 3 "3 x bare"
batch_figure 6 100000 2 3 "3 x bare"
join_figures
size_figures
command_figures
traffic_figures
echo "$misses limits missed"
[ "$misses" -eq 0 ]
