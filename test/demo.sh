#!/bin/bash
# demo.sh - what it is for, shown on real packets; run it by ./run demo [NAME]
#
#	demo.sh [NAME]
#
# Shows demo/NAME.bash, static if nothing is said. Hosts are made of network namespaces, so that
# nothing of this machine is touched. Whatever it says is checked: if a packet does not arrive where
# it should, the demo ends with an error.

root=$(cd "$(dirname "$0")/.." && pwd)
build=${SMCKIT_BUILD:-$root/build}
PATH=$build/smcrouted:$build/smcroutectl:$PATH:/usr/sbin:/sbin

prefix=smckit-demo-$$
hosts=()                        # the demo's
families=(4)
made=()                         # namespaces that are there
declare -A group                # what is sent now
total=0                         # packets that the source has sent to each family's
dir=

bold=
plain=
if [ -t 1 ]; then
	bold=$'\e[1m'
	plain=$'\e[0m'
fi

# of IPv4 and IPv6
groups_are()
{
	group=([4]=$1 [6]=$2)
}

all_ended()
{
	[ -z "$(jobs -rp)" ]
}

# Takes all away; also when interrupted.
cleanup()
{
	local status=$? pids host

	trap '' INT TERM HUP
	mapfile -t pids < <(jobs -p)
	[ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null
	[ ${#pids[@]} -eq 0 ] || kill -CONT "${pids[@]}" 2>/dev/null
	wait_for 2 all_ended || kill -KILL "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	for host in "${made[@]}"; do
		ip netns del "$prefix-$host" 2>/dev/null
	done
	[ -z "$dir" ] || rm -rf "$dir"
	[ "$status" -lt 128 ] || echo "demo: interrupted, everything was taken away" >&2
	exit "$status"
}

die()
{
	echo "demo: $*" >&2
	if [ -s "$dir/smcrouted.log" ]; then
		echo "demo: what smcrouted said:" >&2
		tail -n 20 "$dir/smcrouted.log" >&2
	fi
	exit 1
}

step=0
gap=                            # what is between a text and the first command

# A heading; then what it is about comes from standard input.
step()
{
	step=$((step + 1))
	printf '\n%s%d. %s%s\n\n' "$bold" $step "$1" "$plain"
	cat
	gap=$'\n'
}

# What a reader would type on a host
command_line()
{
	printf '%s%s%s# %s%s\n' "$gap" "$bold" "$1" "${*:2}" "$plain"
	gap=
}

# on HOST COMMAND...: waits in a way that a signal interrupts.
on()
{
	ip netns exec "$prefix-$1" "${@:2}" &
	wait $!
}

# start LOG HOST COMMAND...: in the background; $! is its process.
start()
{
	ip netns exec "$prefix-$2" "${@:3}" >"$dir/$1.log" 2>&1 &
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	local deadline=$((SECONDS + $1))

	until "${@:2}" 2>/dev/null; do
		[ $SECONDS -le $deadline ] || return 1
		sleep 0.02
	done
}

# The client on the router, as typed
ctl()
{
	command_line router smcroutectl "$@"
	on router smcroutectl -u "$dir/sock" "$@" || die "smcroutectl $*: failed"
}

# cable HOST DEVICE HOST DEVICE
cable()
{
	ip link add "$2" netns "$prefix-$1" type veth peer name "$4" netns "$prefix-$3" &&
		ip -n "$prefix-$1" link set "$2" up &&
		ip -n "$prefix-$3" link set "$4" up
}

# addresses HOST DEVICE LINK NUMBER: one of each family
addresses()
{
	ip -n "$prefix-$1" addr add "10.0.$3.$4/24" dev "$2" || return
	[ ${#families[@]} -eq 1 ] ||
		ip -n "$prefix-$1" addr add "fd00:$3::$4/64" dev "$2" nodad
}

# All hosts, without a cable
namespaces()
{
	local host

	for host in "${hosts[@]}"; do
		made+=("$host")
		ip netns add "$prefix-$host" || return
		# shellcheck disable=SC2016 # expanded there
		on "$host" sh -c 'exec 2>/dev/null
			for f in all default; do
				echo 0 >/proc/sys/net/ipv6/conf/$f/disable_ipv6
			done'
	done
}

# listen HOST COUNT: becomes a member of both groups there; tells who it is in ${listener[HOST-AF]}
declare -A listener
listen()
{
	local af

	for af in "${families[@]}"; do
		start "$1-$af" "$1" smcroutectl listen "${group[$af]}" on eth0 count "$2" \
			for $((5 + $2 / 200))
		listener[$1-$af]=$!
	done
	for af in "${families[@]}"; do
		command_line "$1" "smcroutectl listen ${group[$af]} on eth0 count $2"
		wait_for 5 grep -q '^listening' "$dir/$1-$af.log" ||
			die "$1 cannot listen: $(cat "$dir/$1-$af.log")"
	done
}

# send COUNT MS: to both groups, in the background
declare -A sender
send()
{
	local af

	for af in "${families[@]}"; do
		command_line source "smcroutectl send ${group[$af]} via eth0 count $1 interval $2"
		start "send-$af" source smcroutectl send "${group[$af]}" via eth0 count "$1" \
			interval "$2"
		sender[$af]=$!
	done
	total=$((total + $1))
}

# Waits for the source and says what it says.
sent()
{
	local af

	echo
	for af in "${families[@]}"; do
		wait "${sender[$af]}" || die "the source cannot send: $(cat "$dir/send-$af.log")"
		sed 's/^/source: /' "$dir/send-$af.log"
	done
}

# arrived HOST COUNT: every packet did, once and in order, or the demo has failed
arrived()
{
	local af log

	for af in "${families[@]}"; do
		wait "${listener[$1-$af]}"
		log=$dir/$1-$af.log
		sed -n "/^[0-9]/{s/^/$1: ${group[$af]}: /; s/, delay/\\n    delay/; p}" "$log"
		grep -q "^$2 packets, 0 lost, 0 duplicated, 0 reordered" "$log" ||
			die "$1 did not get all of ${group[$af]}: $(tail -n 1 "$log")"
	done
}

# The network, which the demo's network() makes
network_comes()
{
	network || die "no network namespaces to be had: in a container, it has to be a privileged one"
	[ ${#families[@]} -eq 2 ] ||
		echo "The kernel of this machine has IPv6 switched off: IPv4 alone."
}

# smcrouted on the router, with the file that there is; it is $daemon.
daemon=
smcrouted_begins()
{
	command_line router smcrouted
	start smcrouted router smcrouted -n -f "$dir/smcroute.conf" -u "$dir/sock" -P "$dir/pid"
	daemon=$!
	wait_for 10 test -s "$dir/pid" || die "smcrouted did not start"
}

smcrouted_ends()
{
	kill -TERM "$daemon"
	wait "$daemon" || die "smcrouted ended with an error"
}

that_was_it()
{
	printf '\n%sThat was it.%s All of it is taken away again; it took %d seconds.\n' \
		"$bold" "$plain" $SECONDS
}

show_config()
{
	command_line router cat /etc/smcroute.conf
	cat "$dir/smcroute.conf"
}

demo=$root/test/demo/${1:-static}.bash

if [ "$(id -u)" -ne 0 ]; then
	echo "demo: making networks takes root: sudo ./run demo" >&2
	exit 1
fi
for program in smcrouted smcroutectl; do
	if [ ! -x "$build/$program/$program" ]; then
		echo "demo: there is no $build/$program/$program: ./run build makes it" >&2
		exit 1
	fi
done
if [ ! -r "$demo" ]; then
	echo "demo: there is none called $1, but:" >&2
	find "$root/test/demo" -name '*.bash' -printf '  %f\n' | sed 's/\.bash$//' | sort >&2
	exit 2
fi
command -v ip >/dev/null || die "the program ip is missing, of Debian's package iproute2"

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
dir=$(mktemp -d "${TMPDIR:-/tmp}/smckit-demo.XXXXXX") || die "no temporary folder to be had"

[ ! -e /proc/sys/net/ipv6 ] || families+=(6)

# shellcheck disable=SC1090 # one of several
source "$demo"
