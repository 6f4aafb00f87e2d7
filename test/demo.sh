#!/bin/bash
# demo.sh - the main job, shown on real packets; run it by ./run demo
#
# Five hosts are made of network namespaces, so that nothing of this machine is touched. Whatever
# it says is checked: if a packet does not arrive where it should, the demo ends with an error.

root=$(cd "$(dirname "$0")/.." && pwd)
build=${SMCKIT_BUILD:-$root/build}
PATH=$build/smcrouted:$build/smcroutectl:$PATH:/usr/sbin:/sbin

prefix=smckit-demo-$$
hosts=(source router tv office guest)
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

network()
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
	ip -n "$prefix-router" link add br-lan type bridge &&
		ip -n "$prefix-router" link set br-lan up &&
		cable source eth0 router eth0 &&
		cable tv eth0 router lan1 &&
		cable office eth0 router eth1 &&
		ip -n "$prefix-router" link set lan1 master br-lan &&
		addresses router eth0 0 1 && addresses source eth0 0 2 &&
		addresses router br-lan 1 1 && addresses tv eth0 1 2 &&
		addresses router eth1 2 1 && addresses office eth0 2 2
}

guest_comes()
{
	cable guest eth0 router guest0 &&
		addresses router guest0 3 1 && addresses guest eth0 3 2
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

# config OIF...: the router's file, with a route to these interfaces
config()
{
	local af

	for af in "${families[@]}"; do
		echo "mroute from eth0 group ${group[$af]} to $*"
	done >"$dir/smcroute.conf"
}

show_config()
{
	command_line router cat /etc/smcroute.conf
	cat "$dir/smcroute.conf"
}

# What the kernel has counted of a family's group
counted()
{
	on router smcroutectl -u "$dir/sock" -j -d show routes |
		sed -n "s/.*\"group\":\"${group[$1]}\".*\"packets\":\([0-9]*\).*/\1/p"
}

# Whether what the kernel holds of the groups leads to the guest's interface
routed_to_guest()
{
	local af

	for af in "${families[@]}"; do
		on router smcroutectl -u "$dir/sock" -j show routes |
			grep -q "\"group\":\"${group[$af]}\",.*\"guest0\"" || return
	done
}

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
command -v ip >/dev/null || die "the program ip is missing, of Debian's package iproute2"

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
dir=$(mktemp -d "${TMPDIR:-/tmp}/smckit-demo.XXXXXX") || die "no temporary folder to be had"

[ ! -e /proc/sys/net/ipv6 ] || families+=(6)
groups_are 239.1.2.3 ff0e::1:3

cat <<END
Multicast is one sender, many receivers, and each packet sent once. Routers pass it on only where
they are told to. smcrouted tells the Linux kernel: this demo shows how, with packets that are
real and hosts that are not.
END

step "A small network" <<'END'
   +--------+        eth0 +--------+ br-lan        +----+
   | source |-------------| router |---------------| tv |
   +--------+             +--------+               +----+
                              | eth1               +--------+
                              +--------------------| office |
                                                   +--------+

Network namespaces stand for hosts. The router's br-lan is a bridge, as at home.
END
network || die "no network namespaces to be had: in a container, it has to be a privileged one"
[ ${#families[@]} -eq 2 ] || echo "The kernel of this machine has IPv6 switched off: IPv4 alone."

step "One line for a route" <<'END'
What comes in on eth0 for this group is to go out on br-lan. The same for IPv6, the same way.
(Here the files are in a folder of their own, and all programs are told so; that is left out.)
END
config br-lan
show_config
command_line router smcrouted
start smcrouted router smcrouted -n -f "$dir/smcroute.conf" -u "$dir/sock" -P "$dir/pid"
daemon=$!
wait_for 10 test -s "$dir/pid" || die "smcrouted did not start"
echo "smcrouted runs, and the kernel waits for the first packet."

step "The television tunes in, the source sends" <<'END'
smcroutectl can send numbered packets and receive them, so that every single one can be
accounted for, the very first included.
END
listen tv 100
send 100 10
sent
arrived tv 100

step "What the router knows" <<'END'
The rules as they were written, and what the kernel has learned from them: each stream by its
source, where it comes in and where it goes out.
END
ctl show

step "The office wants it too" <<'END'
No file, no restart: a command adds an interface to the route while it is in use.
END
for af in "${families[@]}"; do
	ctl add eth0 "${group[$af]}" eth1
done
listen tv 100
listen office 100
send 100 10
sent
arrived tv 100
arrived office 100

step "What passed" <<'END'
The kernel counts packets and bytes; [wrong N] would be those from another interface.
END
ctl -d show
for af in "${families[@]}"; do
	[ "$(counted "$af")" = $total ] ||
		die "the kernel counted $(counted "$af") packets of ${group[$af]}, not $total"
done

step "Interfaces that are not there yet" <<'END'
A route may lead to a pattern: guest+ is all interfaces whose names begin so, those that come later
included. A guest is plugged in after the command.
END
for af in "${families[@]}"; do
	ctl add eth0 "${group[$af]}" guest+
done
command_line router ip link set guest0 up
guest_comes || die "the guest cannot be plugged in"
wait_for 5 routed_to_guest || die "the guest's interface is not taken in"
listen guest 100
send 100 10
sent
arrived guest 100

step "A group that the kernel forwards by itself" <<'END'
With the word kernel, a group is one entry of the kernel, whoever the source is. The proof:
smcrouted stands still before the first packet comes.
END
groups_are 239.20.0.1 ff0e::20:1
for af in "${families[@]}"; do
	ctl add kernel eth0 "${group[$af]}" br-lan
done
command_line router "kill -STOP \$(cat /run/smcroute.pid)"
kill -STOP "$daemon"
listen tv 100
send 100 10
sent
arrived tv 100
command_line router "kill -CONT \$(cat /run/smcroute.pid)"
kill -CONT "$daemon"
groups_are 239.1.2.3 ff0e::1:3

step "A new configuration, then a new program, under full traffic" <<'END'
Now the office goes into the file, and the file is read again; what was done by command is to be
kept. Then smcrouted is replaced by a freshly started one, as after an update. Meanwhile 3000
packets are on their way to each group.
END
listen tv 3000
listen office 3000
listen guest 3000
send 3000 1
config br-lan eth1
show_config
ctl reload keep
ctl upgrade
for af in "${families[@]}"; do
	kill -0 "${sender[$af]}" 2>/dev/null || die "this machine is too slow: the stream was over"
done
kill -0 "$daemon" 2>/dev/null || die "smcrouted ended"
sent
arrived tv 3000
arrived office 3000
arrived guest 3000
[ "$(grep -c 'took over$' "$dir/smcrouted.log")" -eq 1 ] || die "smcrouted was not replaced"
echo "Nothing was lost, and nothing came twice."

step "What is in force now" <<'END'
In the words of a configuration file, to be saved.
END
ctl show config

kill -TERM "$daemon"
wait "$daemon" || die "smcrouted ended with an error"
printf '\n%sThat was it.%s All of it is taken away again; it took %d seconds.\n' \
	"$bold" "$plain" $SECONDS
echo "Next: README.md, and man/smcroute.conf.5 for everything that a configuration can say."
