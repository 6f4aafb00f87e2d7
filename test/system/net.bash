# shellcheck shell=bash
# net.bash - network namespaces for system tests
#
# A bats file begins with:
#
#	load net
#	setup() { net_setup; }
#	teardown() { net_teardown; }
#
# net_setup makes this network, whose names are unique, so that tests can run side by side:
#
#	                                eth1 -- eth0 listener1
#	    source eth0 -- eth0 router
#	                                eth2 -- eth0 listener2
#
#	link             router                      the other end
#	source           10.0.0.1/24 fd00:0::1/64    10.0.0.2 fd00:0::2
#	listener1        10.0.1.1/24 fd00:1::1/64    10.0.1.2 fd00:1::2
#	listener2        10.0.2.1/24 fd00:2::1/64    10.0.2.2 fd00:2::2
#
# All addresses are usable at once (no duplicate detection), hosts have the router as default
# route, reverse path filters are off. More hosts and links: net_host, net_link, net_addr.
#
#	on router ip mroute show                        a command on a host
#	net_start NAME router smcrouted -n              one in the background; output in $(net_log NAME)
#	net_stop NAME                                   ends it, gives its exit status
#	net_wait NAME                                   the same, if it ends by itself
#	wait_until 5 grep -q ready "$(net_log NAME)"    until it succeeds, or 5 s are over
#	wait_for NAME 'ready'                           until the pattern stands in its output
#	heard NAME 'hello'                              how many lines of it have the pattern
#	heard_times NAME 'hello' 3                      that many or more, to be waited for
#	at NAME 'hello' 2                               when the second of them was, in us
#	net_listen NAME listener1 239.1.1.1             a member; each packet is a line
#	net_send source 239.1.1.1 count 10 interval 5   packets, numbered from 1
#	net_received NAME                               how many the member has got
#	net_capture NAME listener1 eth0 'igmp'          records what passes
#	net_packets NAME -T fields -e ip.src            stops recording and shows it, by tshark
#	net_mroutes router                              S G IIF OIF... of the kernel's entries
#
# Nothing sleeps for a fixed time: what is waited for has a deadline, and fails loudly after it.

SMCKIT_BUILD=${SMCKIT_BUILD:-$BATS_TEST_DIRNAME/../../build}

declare -gA net_pid
net_hosts=()
net_prefix=

# The namespace of a host
net_ns()
{
	echo "$net_prefix-$1"
}

# on HOST COMMAND [ARG...]
on()
{
	ip netns exec "$(net_ns "$1")" "${@:2}"
}

# net_host HOST...: a namespace each, with loopback up
net_host()
{
	local host ns

	[ -n "$net_prefix" ] || net_prefix=smc-$$-$RANDOM-${BATS_TEST_NUMBER:-0}
	for host in "$@"; do
		ns=$(net_ns "$host")
		ip netns add "$ns"
		net_hosts+=("$host")
		# shellcheck disable=SC2016 # expanded there
		ip netns exec "$ns" sh -c '
			ip link set lo up
			for of in all default; do
				echo 0 >/proc/sys/net/ipv4/conf/$of/rp_filter
				echo 0 >/proc/sys/net/ipv6/conf/$of/accept_dad
				echo 0 >/proc/sys/net/ipv6/conf/$of/router_solicitations
			done'
	done
}

# net_link HOST1 DEVICE1 HOST2 DEVICE2: a cable between two hosts
net_link()
{
	ip link add "$2" netns "$(net_ns "$1")" type veth peer name "$4" netns "$(net_ns "$3")"
	ip -n "$(net_ns "$1")" link set "$2" up
	ip -n "$(net_ns "$3")" link set "$4" up
}

# net_addr HOST DEVICE ADDRESS/LEN...
net_addr()
{
	local address

	for address in "${@:3}"; do
		case $address in
		*:*)
			ip -n "$(net_ns "$1")" addr add "$address" dev "$2" nodad
			;;
		*)
			ip -n "$(net_ns "$1")" addr add "$address" dev "$2"
			;;
		esac
	done
}

# net_stub N HOST: a host on the router's device ethN, as in the picture
net_stub()
{
	net_link router "eth$1" "$2" eth0
	net_addr router "eth$1" "10.0.$1.1/24" "fd00:$1::1/64"
	net_addr "$2" eth0 "10.0.$1.2/24" "fd00:$1::2/64"
	ip -n "$(net_ns "$2")" route add default via "10.0.$1.1"
	ip -n "$(net_ns "$2")" route add default via "fd00:$1::1"
}

net_setup()
{
	net_host router source listener1 listener2
	net_stub 0 source
	net_stub 1 listener1
	net_stub 2 listener2
}

# Ends what was started and takes the namespaces away; for teardown, after a failure too.
net_teardown()
{
	local name host

	for name in "${!net_pid[@]}"; do
		kill -CONT "${net_pid[$name]}" 2>/dev/null
		kill -KILL "${net_pid[$name]}" 2>/dev/null
		wait "${net_pid[$name]}" 2>/dev/null
	done
	net_pid=()
	# what those left behind that were killed: it has no other network than ours
	for host in "${net_hosts[@]}"; do
		ip netns pids "$(net_ns "$host")" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
		ip netns del "$(net_ns "$host")"
	done
	net_hosts=()
	return 0
}

# net_log NAME: the file with the output of what was started under that name
net_log()
{
	echo "$BATS_TEST_TMPDIR/$1.log"
}

# net_start NAME HOST COMMAND [ARG...]; its input is net_start's
net_start()
{
	# what stood there of another one must be gone when this returns
	: >"$(net_log "$1")"
	ip netns exec "$(net_ns "$2")" "${@:3}" <&0 >>"$(net_log "$1")" 2>&1 3>&- &
	net_pid[$1]=$!
}

# net_signal NAME SIGNAL
net_signal()
{
	kill "-$2" "${net_pid[$1]}"
}

# net_stop NAME [SIGNAL]: its exit status, 128 + N if signal N ended it
net_stop()
{
	local pid=${net_pid[$1]} status=0

	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || status=$?
	unset "net_pid[$1]"
	return $status
}

# net_wait NAME: the same of one that ends by itself
net_wait()
{
	local pid=${net_pid[$1]} status=0

	wait "$pid" 2>/dev/null || status=$?
	unset "net_pid[$1]"
	return $status
}

# wait_until SECONDS COMMAND [ARG...]: the command is tried until it succeeds
wait_until()
{
	local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/[.,]/}" -gt "$deadline" ]; then
			echo "waited in vain for: $*" >&2
			"$@" >&2
			return 1
		fi
		sleep 0.02
	done
}

# wait_for NAME PATTERN [SECONDS]: until the extended regular expression stands in its output
wait_for()
{
	if ! wait_until "${3:-5}" grep -qE -- "$2" "$(net_log "$1")"; then
		echo "the output of $1 was:" >&2
		tail -n 50 "$(net_log "$1")" >&2
		return 1
	fi
}

# heard NAME PATTERN: how many packets were that
heard()
{
	grep -cE -- "$2" "$(net_log "$1")"
}

# heard_times NAME PATTERN COUNT: whether it was that many by now or more, to be waited for
heard_times()
{
	[ "$(heard "$1" "$2")" -ge "$3" ]
}

# at NAME PATTERN [N]: when the Nth (first) packet of the kind passed, in microseconds; 0: the last
at()
{
	grep -E -- "$2" "$(net_log "$1")" | if [ "${3:-1}" -eq 0 ]; then
		tail -n 1
	else
		sed -n "${3:-1}p"
	fi | awk '{ sub(/\./, "", $1); print $1 }'
}

# net_listen NAME HOST GROUP [source ADDR]... [port N]: returns when it is a member
net_listen()
{
	net_start "$1" "$2" "$SMCKIT_BUILD/test/system/mcast" listen eth0 "${@:3}"
	wait_for "$1" '^listening$'
}

# net_send HOST GROUP [count N] [interval MS] [ttl N] [size N] [port N] [from ADDR]
net_send()
{
	on "$1" "$SMCKIT_BUILD/test/system/mcast" send eth0 "${@:2}"
}

# net_received NAME: packets so far
net_received()
{
	grep -c ' from ' "$(net_log "$1")"
}

# net_has_received NAME COUNT: whether it is that many now, to be waited for
net_has_received()
{
	[ "$(net_received "$1")" -eq "$2" ]
}

# net_capture NAME HOST DEVICE [FILTER]: returns when it records
net_capture()
{
	net_start "$1" "$2" tcpdump -Z root -U --immediate-mode -n -i "$3" \
		-w "$BATS_TEST_TMPDIR/$1.pcap" "${4:-}"
	wait_for "$1" 'listening on'
}

# net_captured NAME DISPLAY-FILTER [COUNT]: whether that many (1) packets or more of the kind
# are recorded by now, to be waited for
net_captured()
{
	local n

	n=$(tshark -n -r "$BATS_TEST_TMPDIR/$1.pcap" -Y "$2" 2>/dev/null | wc -l)
	[ "$n" -ge "${3:-1}" ]
}

# net_packets NAME [TSHARK-OPTION...]: ends the recording if it runs, and shows it
net_packets()
{
	[ -z "${net_pid[$1]:-}" ] || net_stop "$1" INT || :
	tshark -n -r "$BATS_TEST_TMPDIR/$1.pcap" "${@:2}" 2>/dev/null
}

# net_mroutes HOST [TABLE]: entries of the kernel's table, or its default one, of family $af, one a
# line, outgoing interfaces sorted
net_mroutes()
{
	local table=253

	# shellcheck disable=SC2154 # the test's
	[ "$af" = 4 ] || table=254
	on "$1" ip "-$af" mroute show table "${2:-$table}" | awk '/State: resolved/ {
		sub(/State:.*/, "")
		gsub(/[(),]|Iif:|Oifs:/, " ")
		$0 = $0
		for (i = 5; i <= NF; i++)
			for (j = i; j > 4 && $j < $(j - 1); j--) {
				t = $j
				$j = $(j - 1)
				$(j - 1) = t
			}
		$1 = $1
		print
	}'
}
