# router.bash - for the benchmarks: routers in network namespaces, daemons on them, figures
#
# Debian's package of the peer is fetched with apt-get download and unpacked beside the build, not
# installed; without it there are gaps in the table. Our programs are stripped
# before, as they are when installed, and as the peers' are.
# shellcheck shell=bash

set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${SMCKIT_BUILD:-$here/../../build}
tools=$build/test/bench
bin=$build/bench/bin
peer=

if [ "$(id -u)" -ne 0 ]; then
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh "$0" "$@"
fi

die()
{
	echo "bench: $*" >&2
	exit 1
}

make -s -C "$build" all \
	test/bench/{joins,junk,leave,many,probe,react,routes,spawn,start,zap} || exit 1
mkdir -p "$bin"
for name in smcrouted smcroutectl; do
	strip -o "$bin/$name" "$build/$name/$name" || die "no $name to measure"
done

# fetch_peer PACKAGE PROGRAM OPTION: unpacks it, once, into $peer, which is empty if the program
# cannot run: the option is one with which it ends at once.
fetch_peer()
{
	peer=$build/bench/$1
	[ -x "$peer/$2" ] || (
		mkdir -p "$peer"
		cd "$peer" || exit
		apt-get -qq download "$1" || { apt-get -qq update && apt-get -qq download "$1"; }
		dpkg -x "$1"_*.deb .
	) >/dev/null 2>&1
	"$peer/$2" "$3" >/dev/null 2>&1 && return
	echo "$1 cannot be had from Debian here: its column is empty"
	peer=
}

# As root, what else runs on the machine waits for us: else it is that which is measured. Where
# microseconds count, daemons and probes are real-time processes: they wait for nobody.
renice -n -20 $$ >/dev/null 2>&1
at_once=()
chrt -f 1 true 2>/dev/null && at_once=(chrt -f 1)

tmp=$(mktemp -d) || exit 1
spaces=()
declare -A daemon_pid daemon_fd
# shellcheck disable=SC2034 # for who sources this
declare -A ready_us

cleanup()
{
	local name

	jobs -p | xargs -r kill 2>/dev/null
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
