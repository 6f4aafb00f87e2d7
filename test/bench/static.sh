#!/bin/bash
# static.sh - configured routes: how fast, how small, beside smcroute and the bare system calls
#
# All in network namespaces that are made for it. Debian's smcroute is fetched with apt-get
# download and unpacked beside the build, not installed; without it there are gaps in the table.
# Of times the least of several runs is taken, runs of all alternate; of delays the median. Our
# programs are stripped before, as they are when installed, and as smcroute's are.
# Each line: name, ours, smcroute's, the bare loop's, what is judged, its limit, ok or MISS.

set -u
shopt -s lastpipe
here=$(cd "$(dirname "$0")" && pwd)
build=${SMCKIT_BUILD:-$here/../../build}
tools=$build/test/bench
bin=$build/bench/bin
peer=$build/bench/smcroute

if [ "$(id -u)" -ne 0 ]; then
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh "$0" "$@"
fi

die()
{
	echo "static.sh: $*" >&2
	exit 1
}

make -s -C "$build" all test/bench/{routes,start,spawn,probe} || exit 1
mkdir -p "$bin"
for name in smcrouted smcroutectl; do
	strip -o "$bin/$name" "$build/$name/$name" || die "no $name to measure"
done

# Fetches and unpacks smcroute, once.
fetch_peer()
{
	[ ! -x "$peer/usr/sbin/smcrouted" ] || return 0
	mkdir -p "$peer" &&
		(cd "$peer" && apt-get -qq download smcroute && dpkg -x smcroute_*.deb .) >/dev/null 2>&1
	[ -x "$peer/usr/sbin/smcrouted" ] && "$peer/usr/sbin/smcrouted" -v >/dev/null 2>&1
}

# As root, what else runs on the machine waits for us: else it is that which is measured. Where
# microseconds count, daemons and probes are real-time processes: they wait for nobody.
renice -n -20 $$ >/dev/null 2>&1
at_once=()
chrt -f 1 true 2>/dev/null && at_once=(chrt -f 1)

fetch_peer || {
	echo "smcroute cannot be had from Debian here: its column is empty"
	peer=
}

tmp=$(mktemp -d) || exit 1
spaces=()
declare -A daemon_pid daemon_fd ready_us

cleanup()
{
	local name

	for name in "${!daemon_pid[@]}"; do
		down "$name" KILL
	done
	for name in "${spaces[@]}"; do
		ip netns del "$name" 2>/dev/null
	done
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# space NAME: a namespace bench-PID-NAME in which nothing is filtered
space()
{
	local ns=bench-$$-$1

	ip netns add "$ns" || die "no network namespaces to be had"
	spaces+=("$ns")
	# shellcheck disable=SC2016 # expanded there
	ip netns exec "$ns" sh -c '
		ip link set lo up
		for of in all default; do
			echo 0 >/proc/sys/net/ipv4/conf/$of/rp_filter
			echo 0 >/proc/sys/net/ipv6/conf/$of/accept_dad
		done'
}

in_space()
{
	ip netns exec "bench-$$-$1" "${@:2}"
}

# A router of two devices with nobody behind them
lone_router()
{
	local device

	space "$1"
	for device in eth0 eth1; do
		ip -n "bench-$$-$1" link add "$device" type veth peer name "to-$device"
		ip -n "bench-$$-$1" link set "$device" up
	done
	ip -n "bench-$$-$1" addr add 10.0.0.1/8 dev eth0
}

drop_space()
{
	ip netns del "bench-$$-$1"
}

# cable ROUTER DEVICE HOST
cable()
{
	ip link add "$2" netns "bench-$$-$1" type veth peer name eth0 netns "bench-$$-$3"
	ip -n "bench-$$-$1" link set "$2" up
	ip -n "bench-$$-$3" link set eth0 up
}

# A router NAME between NAME-source and NAME-listener
path()
{
	space "$1"
	space "$1-source"
	space "$1-listener"
	cable "$1" eth0 "$1-source"
	cable "$1" eth1 "$1-listener"
	ip -n "bench-$$-$1" addr add 10.0.0.1/8 dev eth0
	ip -n "bench-$$-$1" addr add 192.168.1.1/24 dev eth1
	ip -n "bench-$$-$1-source" addr add 10.255.0.1/8 dev eth0
	ip -n "bench-$$-$1-listener" addr add 192.168.1.2/24 dev eth0
}

# up NAME SPACE PROGRAM CONFIG: a daemon, until it is ready; the time of that in ready_us[NAME]
up()
{
	local fd

	exec {fd}< <(exec ip netns exec "bench-$$-$2" "$tools/start" "$3" -n -i "$1" -f "$4" \
		-P "$tmp/$1.pid" -u "$tmp/$1.sock" 2>"$tmp/$1.log")
	daemon_fd[$1]=$fd
	if ! read -r -t 120 -u "$fd" "ready_us[$1]" "daemon_pid[$1]"; then
		cat "$tmp/$1.log" >&2
		die "$3 does not become ready"
	fi
}

# up_by_hand NAME SPACE PROGRAM CONFIG: the same without a service manager, for which we keep what
# is needed to restart; ready when the pid file is there
up_by_hand()
{
	local fd tries=0

	rm -f "$tmp/$1.pid"
	exec {fd}< <(exec env -u NOTIFY_SOCKET ip netns exec "bench-$$-$2" "$3" -n -i "$1" \
		-f "$4" -P "$tmp/$1.pid" -u "$tmp/$1.sock" 2>"$tmp/$1.log")
	daemon_pid[$1]=$!
	daemon_fd[$1]=$fd
	until [ -s "$tmp/$1.pid" ]; do
		[ $((tries++)) -lt 500 ] || die "$3 does not become ready"
		sleep 0.02
	done
}

# at_once NAME: the daemon runs as soon as it has something to do
at_once()
{
	[ ${#at_once[@]} -eq 0 ] || chrt -f -p 1 "${daemon_pid[$1]}"
}

# down NAME [SIGNAL]: ends it, and waits for its end
down()
{
	local fd=${daemon_fd[$1]}

	kill "-${2:-TERM}" "${daemon_pid[$1]}" 2>/dev/null
	cat <&"$fd"
	exec {fd}<&-
	unset "daemon_pid[$1]" "daemon_fd[$1]"
}

# The proportional set size of the daemon NAME, in bytes
pss()
{
	awk '/^Pss:/ { print $2 * 1024 }' "/proc/${daemon_pid[$1]}/smaps_rollup"
}

# least VARIABLE VALUE: keeps the least so far
least()
{
	local -n variable=$1

	[ -n "$variable" ] && [ "$variable" -le "$2" ] || variable=$2
}

misses=0

# figure NAME OURS PEER BARE VALUE LIMIT TEXT: the value is to be at most the limit
figure()
{
	local verdict

	verdict=$(awk -v value="$5" -v limit="$6" \
		'BEGIN { print limit == "" ? "-" : value <= limit ? "ok" : "MISS" }')
	[ "$verdict" != MISS ] || misses=$((misses + 1))
	printf '%-40s %9s %9s %9s %9s  %-24s %s\n' \
		"$1" "$2" "${3:--}" "${4:--}" "$5" "$7" "$verdict"
}

ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN { if (b) printf "%.2f", a / b; else print "-" }'
}

ms()
{
	[ -z "$1" ] || awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'
}

# expect NAME SPACE 4|6 COUNT: that many routes are in the kernel
expect()
{
	local found

	found=$(in_space "$2" "$tools/routes" count "$3" "$4")
	[ "$found" = "$4" ] || die "$1: $found of $4 IPv$3 routes are in the kernel"
}

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

# load_figures COUNT RUNS
load_figures()
{
	local n=$1 v i theirs

	for v in 4 6; do
		"$tools/routes" file "$v" "$n" >"$tmp/routes-$v-$n"
	done
	for ((i = 0; i < $2; i++)); do
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
		figure "start with $n IPv$v routes, ms" "$(ms "${load[$v-$n]}")" "$(ms "$theirs")" \
			"$(ms "${bare[$v-$n]}")" "$(ratio "${load[$v-$n]}" "${bare[$v-$n]}")" 2 \
			"2 x bare"
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

idle_figures()
{
	local ours theirs='' v per

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

# What of a daemon its probe wants: names of namespaces
ends()
{
	echo "bench-$$-$1-source" "bench-$$-$1-listener"
}

paths_up()
{
	up ours ours "$bin/smcrouted" "$1"
	[ -z "$peer" ] || up theirs theirs "$peer/usr/sbin/smcrouted" "$1"
}

paths_down()
{
	down ours
	[ -z "$peer" ] || down theirs KILL
}

# delay_figures RULES GROUP
delay_figures()
{
	local lines first=()

	"$tools/routes" rules "$1" >"$tmp/rules"
	paths_up "$tmp/rules"
	at_once ours
	[ -z "$peer" ] || at_once theirs
	# shellcheck disable=SC2046 # two words
	"${at_once[@]}" "$tools/probe" delay "$2" 300 1000 $(ends ours) ${peer:+$(ends theirs)} |
		mapfile -t lines
	[ "${#lines[@]}" -ge 1 ] || die "no delays"
	read -r -a first <<<"${lines[*]}"
	figure "first packet, $1 rules, median us" "${first[0]}" "${first[4]:-}" "${first[2]}" \
		"$(ratio "${first[0]}" "${first[4]:-0}")" "${first[4]:+1}" "smcroute's"
	figure "first packet, $1 rules, p99 us" "${first[1]}" "${first[5]:-}" "" \
		"$(ratio "${first[1]}" "${first[5]:-0}")" "" ""
	figure "first packets lost of 300, $1 rules" "${first[3]}" "${first[7]:-}" "" \
		"${first[3]}" 0 "none"
	paths_down
}

storm_figure()
{
	local ours='' theirs='' i

	"$tools/routes" rules 1 >"$tmp/rules"
	for i in 1 2 3; do
		paths_up "$tmp/rules"
		# shellcheck disable=SC2046 # two words
		least ours "$("$tools/probe" storm 225.1.0.0 2000 1000 $(ends ours))"
		# shellcheck disable=SC2046 # two words
		[ -z "$peer" ] ||
			least theirs "$("$tools/probe" storm 225.1.0.0 2000 1000 $(ends theirs))"
		paths_down
	done
	figure "lost of 2000 new sources at once" "$ours" "$theirs" "" \
		"$(ratio "$ours" "${theirs:-0}")" "${theirs:+1}" "smcroute's"
}

: >"$tmp/empty"
printf '%-40s %9s %9s %9s %9s  %s\n' "" ours smcroute bare ratio limit
load_figures 10000 9
load_figures 100000 4
linear_figures
batch_figure 4 1000 3
batch_figure 4 100000 3 3 "3 x bare"
batch_figure 6 100000 2 3 "3 x bare"
idle_figures
command_figures
path ours
[ -z "$peer" ] || path theirs
delay_figures 1 225.1.0.0
delay_figures 10000 225.1.39.15
storm_figure
echo "$misses limits missed"
[ "$misses" -eq 0 ]
