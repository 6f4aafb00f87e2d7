# shellcheck shell=bash
# gm.bash - an edge with IGMP and MLD in system tests; to be loaded after net.bash and daemon.bash
#
# The network of net.bash is an edge: upstream is the router's eth0 with `source` behind it,
# downstream are eth1 and eth2. A test says first of which family it is, `use 4` or `use 6`, and
# then finds in variables:
#
#	$asm $asm2 $ssm       groups of any source, one of some
#	$src $src2            addresses of the source, the second one to be added by `second_source`
#	$igmp                 igmp or mld, as words of phyint begin
#	$new $old             versions of the protocol, with sources and before
#	$all $reports $routers    where queries, reports and leaves go
#
#	gmcast listener1 to_ex "$asm"           any message, of that host's eth0: gmcast.c
#	gm_hear wire listener1 [DEVICE]         what passes there, a line each: gmhear.c
#	wait_for wire "report v3 to_ex $asm;"   until it was heard
#	heard wire PATTERN                      how often by now
#	at wire PATTERN                         when first, in microseconds
#	gm_lan 3 one two                        the router's eth3, and hosts on it: 10.0.3.2, ...
#	gm_version one 2                        the version that the kernel of a host speaks
#	burst source GROUP 20 [from ADDR]       packets, a millisecond apart, behind one to another port
#	has_group eth1 GROUP                    whether the router has it there
#	feed_start [KIND]                       what the router tells, a line each, as of `at feed`
#	fast eth1 eth2                          prints phyint lines: a query in 2 s, answers within
#	                                        0.3 s, last members are asked for 0.2 s

# shellcheck disable=SC2034 # what tests use
# shellcheck disable=SC2154 # af is the test's

gm_setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	net_setup
}

# use FAMILY
use()
{
	af=$1
	case $af in
	4)
		asm=239.1.1.1 asm2=239.1.1.2 ssm=232.1.1.1 igmp=igmp family=IPv4
		src=10.0.0.2 src2=10.0.0.3 all=224.0.0.1 reports=224.0.0.22 routers=224.0.0.2
		new=3 old=2
		;;
	6)
		asm=ff0e::1:1 asm2=ff0e::1:2 ssm=ff3e::1:1 igmp=mld family=IPv6
		src=fd00:0::2 src2=fd00:0::3 all=ff02::1 reports=ff02::16 routers=ff02::2
		new=2 old=1
		;;
	esac
	src=$(canonical "$src") src2=$(canonical "$src2")
}

# An address as programs print it
canonical()
{
	case $1 in
	fd00:0::*) echo "fd00::${1#fd00:0::}" ;;
	*) echo "$1" ;;
	esac
}

# The source has its second address, to send from
second_source()
{
	case $af in
	4) net_addr source eth0 "$src2/24" ;;
	6) net_addr source eth0 "$src2/64" ;;
	esac
}

# gmcast HOST WORD...
gmcast()
{
	on "$1" "$SMCKIT_BUILD/test/system/gmcast" eth0 "${@:2}"
}

# gm_hear NAME HOST [DEVICE [udp]]: returns when it hears
gm_hear()
{
	net_start "$1" "$2" "$SMCKIT_BUILD/test/system/gmhear" "${3:-eth0}" ${4:+"$4"}
	wait_for "$1" '^hearing$'
}

# between LOW HIGH VALUE: milliseconds, of microseconds
between()
{
	if [ "$3" -lt $(($1 * 1000)) ] || [ "$3" -gt $(($2 * 1000)) ]; then
		echo "$3 us are not from $1 ms to $2 ms" >&2
		return 1
	fi
}

# address HOST: the first of its eth0, of the family
address()
{
	on "$1" ip "-$af" -o addr show dev eth0 scope global |
		awk '{ sub(/\/.*/, "", $4); address = address ? address : $4 } END { print address }'
}

link_local()
{
	on "$1" ip -6 -o addr show dev "${2:-eth0}" scope link |
		awk '{ sub(/\/.*/, "", $4); print $4; exit }'
}

# gm_lan N HOST...: a switch that knows nothing of multicast between the router's ethN and hosts
gm_lan()
{
	local n=$1 lan=lan$1 i=2 host
	shift

	net_host "$lan"
	ip -n "$(net_ns "$lan")" link add br0 up type bridge mcast_snooping 0
	net_link router "eth$n" "$lan" router
	ip -n "$(net_ns "$lan")" link set router master br0
	net_addr router "eth$n" "10.0.$n.1/24" "fd00:$n::1/64"
	for host in "$@"; do
		net_host "$host"
		net_link "$host" eth0 "$lan" "p$i"
		ip -n "$(net_ns "$lan")" link set "p$i" master br0
		net_addr "$host" eth0 "10.0.$n.$i/24" "fd00:$n::$i/64"
		ip -n "$(net_ns "$host")" route add default via "10.0.$n.1"
		ip -n "$(net_ns "$host")" route add default via "fd00:$n::1"
		i=$((i + 1))
	done
}

# fast IFNAME...
fast()
{
	local name

	for name in "$@"; do
		echo "phyint $name $igmp $igmp-query-interval 2 $igmp-response-interval 0.3" \
			"$igmp-startup-response 0.3 $igmp-last-member-interval 0.1"
	done
}

# feed_start [KIND]...
feed_start()
{
	# shellcheck disable=SC2016 # expanded there
	net_start feed router bash -c 'smcroutectl -u "$0" monitor "$@" | while read -r line; do
		echo "$EPOCHREALTIME $line"; done' "$daemon_socket" "$@"
	wait_for feed ' monitor'
}

# burst HOST GROUP COUNT [from ADDR]: what goes ahead is as in stream_start
burst()
{
	net_send "$1" "$2" port 9 "${@:4}"
	wait_until 10 knows_stream "${5:-$(address "$1")}" "$2"
	net_send "$1" "$2" count "$3" interval 1 "${@:4}"
}

# knows_stream SOURCE GROUP
knows_stream()
{
	mroutes | grep -q "^$1 $2 "
}

# gm_version HOST VERSION
gm_version()
{
	on "$1" sh -c "echo $2 >/proc/sys/net/ipv$af/conf/eth0/force_${igmp}_version"
}

# row KEY=VALUE... -- COMMAND...: the first row that has all these; no namespace is entered for it
row()
{
	local pattern=() rows word

	while [ "$1" != -- ]; do
		pattern+=("\"${1%%=*}\":\"${1#*=}\"")
		shift
	done
	rows=$(smcroutectl -u "$daemon_socket" -j "${@:2}")
	for word in "${pattern[@]}"; do
		rows=$(grep -F "$word" <<<"$rows")
	done
	echo "${rows%%$'\n'*}"
}

# member KEY: that of the row on standard input
member()
{
	sed -nE "s/.*\"$1\":(\"([^\"]*)\"|\[[^]]*\]|[^],}]*).*/\1/p" | tr -d '"'
}

# port_value IFNAME KEY
port_value()
{
	row "interface=$1" -- show "$igmp" | member "$2"
}

# port_shows IFNAME KEY VALUE: to be waited for
port_shows()
{
	[ "$(port_value "$1" "$2")" = "$3" ]
}

# group_value IFNAME GROUP KEY
group_value()
{
	row "interface=$1" "group=$2" -- show groups | member "$3"
}

group_shows()
{
	[ "$(group_value "$1" "$2" "$3")" = "$4" ]
}

# counter NAME: of the family's protocol
counter()
{
	row "area=$igmp" "name=$1" -- show counters | member value
}

counter_is()
{
	[ "$(counter "$1")" -eq "$2" ]
}

# has_group IFNAME GROUP
has_group()
{
	[ -n "$(row "interface=$1" "group=$2" -- show groups)" ]
}

has_no_group()
{
	! has_group "$@"
}
