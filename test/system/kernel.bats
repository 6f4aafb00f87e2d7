#!/usr/bin/env bats
# kernel.bats - the kernel side over real packets: forwarding, memberships, packets, links
#
# linux_probe stands where the router would: it prints what the kernel side tells, and does what
# it is asked to.

load net
load probe

setup()
{
	net_setup
	probe_start router
}

teardown()
{
	probe_teardown
}

# use FAMILY: $af is it, $s the source's and $l listener1's address, $g and $g2 are groups
use()
{
	case $1 in
	4)
		s=10.0.0.2 l=10.0.1.2 g=239.1.1.1 g2=239.1.1.2
		;;
	6)
		s=fd00::2 l=fd00:1::2 g=ff05::1:1 g2=ff05::1:2
		;;
	esac
	af=$1
}

vifs()
{
	ok open "$af"
	ok vif "$af" 0 eth0
	ok vif "$af" 1 eth1
	ok vif "$af" 2 eth2
}

owner_is_alone()
{
	use "$1"
	ok open "$af"
	on router sh -c "echo open $af | $SMCKIT_BUILD/test/system/linux_probe" |
		grep -x '= another process does multicast routing in this table'
	# another table is another owner's
	on router sh -c "printf 'table 77\nopen $af\n' | $SMCKIT_BUILD/test/system/linux_probe" |
		tail -n 1 | grep -x '= ok'
	ok close "$af"
	ok open "$af"
}

@test "IPv4: a table has one owner" {
	owner_is_alone 4
}

@test "IPv6: a table has one owner" {
	owner_is_alone 6
}

vif_limits()
{
	use "$1"
	ok open "$af"
	answer_is "there is no such device, or not for this protocol" router vif "$af" 0 4711
	answer_is "the kernel has 32 vifs, and all are in use" router vif "$af" 32 eth0
	ok vif "$af" 31 eth0
	answer_is "Address already in use" router vif "$af" 31 eth1
	ok unvif "$af" 31
	ok vif "$af" 31 eth1
	# one whose device is gone can be given back
	on router ip link del eth1
	wait_for router '^gone '
	ok unvif "$af" 31
	ok unvif "$af" 31
}

@test "IPv4: vifs are taken and given back" {
	vif_limits 4
}

@test "IPv6: vifs are taken and given back" {
	vif_limits 6
}

@test "IPv6: a device with an index beyond 16 bits is refused, not mistaken" {
	use 6
	ok open 6
	on router ip link add far index 65538 type veth peer name near
	answer_is "the kernel takes no device with an index above 65535" router vif 6 0 far
}

# The entry comes with the first packet's upcall, and the kernel forwards the four that it keeps.
upcall_is_answered()
{
	use "$1"
	vifs
	ok answer "$af" 0 1 2
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	net_send source "$g" count 4 ttl 9
	wait_until 5 net_has_received l1 4
	net_send source "$g" count 6 ttl 9
	wait_until 5 net_has_received l1 10
	wait_until 5 net_has_received l2 10
	grep -q "^1 from $s ttl 8$" "$(net_log l1)"
	[ "$(said "^upcall noroute \($s,$g\) vif 0$")" -eq 1 ]
	answer_is "1 upcalls" router upcalls
}

@test "IPv4: an upcall is answered before a packet is lost" {
	upcall_is_answered 4
}

@test "IPv6: an upcall is answered before a packet is lost" {
	upcall_is_answered 6
}


entry_lives()
{
	use "$1"
	vifs
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	ok set "$af" "$s" "$g" 0 1
	net_send source "$g" count 5 size 100
	wait_until 5 net_has_received l1 5
	case $af in
	4)
		answer_is "packets 5 bytes 640 wrong 0" router counters 4 "$s" "$g"
		;;
	6)
		answer_is "packets 5 bytes 740 wrong 0" router counters 6 "$s" "$g"
		;;
	esac

	# a change keeps the counters
	ok set "$af" "$s" "$g" 0 2
	net_send source "$g" count 5 size 100
	wait_until 5 net_has_received l2 5
	[[ $(probe router counters "$af" "$s" "$g") == "packets 10 "* ]]
	net_has_received l1 5

	ok del "$af" "$s" "$g"
	ok del "$af" "$s" "$g"
	answer_is "no entry" router counters "$af" "$s" "$g"
	answer_is "0 entries" router dump "$af"
}

@test "IPv4: an entry is added, changed in place, counted, deleted" {
	entry_lives 4
}

@test "IPv6: an entry is added, changed in place, counted, deleted" {
	entry_lives 6
}

@test "IPv4: a packet's TTL must be above that of the outgoing vif" {
	use 4
	vifs
	net_listen l1 listener1 "$g"
	net_listen l2 listener2 "$g"
	ok set 4 "$s" "$g" 0 1:7 2:8
	net_send source "$g" count 3 ttl 8
	wait_until 5 net_has_received l1 3
	net_has_received l2 0
	net_send source "$g" ttl 9
	wait_until 5 net_has_received l2 1
}

# Also from a vif that the entry does not name; wrong packets do not count as packets.
wrong_interface()
{
	use "$1"
	vifs
	ok set "$af" "$l" "$g" 0 2
	net_send listener1 "$g" count 7
	wait_for router "^upcall wrongif \($l,$g\) vif 1$"
	wait_until 5 counters_are "packets 0 bytes [0-9]+ wrong 7"
	[ "$(said '^upcall')" -eq 1 ]
}

counters_are()
{
	[[ $(probe router counters "$af" "$l" "$g") =~ ^$1$ ]]
}

@test "IPv4: a packet on a wrong interface is an upcall" {
	wrong_interface 4
}

@test "IPv6: a packet on a wrong interface is an upcall" {
	wrong_interface 6
}

wildcard()
{
	use "$1"
	vifs
	net_listen l2 listener2 "$g"
	net_listen l1 listener1 "$g"
	ok set "$af" '*' "$g" 0 0 1 2
	net_send source "$g" count 4
	wait_until 5 net_has_received l1 4
	wait_until 5 net_has_received l2 4
	answer_is "0 upcalls" router upcalls
	[[ $(probe router counters "$af" '*' "$g") == "packets 4 "* ]]

	# one for each incoming interface: two that do not send to one another
	ok set "$af" '*' "$g" 0 0 2
	ok set "$af" '*' "$g" 1 1 2
	net_send source "$g" count 2
	wait_until 5 net_has_received l2 6
	net_send listener1 "$g" count 3
	wait_until 5 net_has_received l2 9
	answer_is "0 upcalls" router upcalls
	ok del "$af" '*' "$g" 0
	net_send listener1 "$g" count 1
	wait_until 5 net_has_received l2 10
	ok del "$af" '*' "$g" 1
	answer_is "no entry" router counters "$af" '*' "$g"
}

@test "IPv4: a wildcard entry forwards every source without an upcall" {
	wildcard 4
}

@test "IPv6: a wildcard entry forwards every source without an upcall" {
	wildcard 6
}

# Upcalls of more flows at once than one wake-up of the loop serves
many_flows()
{
	use "$1"
	vifs
	ok answer "$af" 0 1
	ok quiet
	on source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$g" count 300 groups 300
	wait_until 5 answer_is "300 upcalls" router upcalls
	answer_is "300 entries" router dump "$af"
}

@test "IPv4: hundreds of flows that begin at once are all answered" {
	many_flows 4
}

@test "IPv6: hundreds of flows that begin at once are all answered" {
	many_flows 6
}

# The descriptor changes hands while packets flow; what the kernel holds is read back.
passed_on()
{
	use "$1"
	vifs
	ok set "$af" "$s" "$g" 0 1:"$2" 2:"$3"
	ok set "$af" '*' "$g2" 1 1 0
	ok set "$af" "$l" "$g" 2 1
	net_send source "$g2"
	net_send source "${g2%?}3"
	wait_for router '^upcall noroute .* vif 0$'

	net_listen l1 listener1 "$g"
	net_start stream source "$SMCKIT_BUILD/test/system/mcast" send eth0 "$g" count 300 interval 2
	wait_until 5 net_received l1
	on router ip link del eth2
	wait_for router '^gone '
	ok pass "$af" 0 eth0 1 eth1 2 4711
	[ "$(said '^inherit 0 eth0$')" -eq 1 ]
	[ "$(said '^inherit 1 eth1$')" -eq 1 ]
	[ "$(said '^inherit 2 none$')" -eq 1 ]
	# not the unresolved one, and the one from a device that is gone is deleted
	answer_is "2 entries" router dump "$af"
	[ "$(said "^entry \($s,$g\) parent 0 1:$2$")" -eq 1 ]
	[ "$(said "^entry \(\*,$g2\) parent 1 0:1 1:1$")" -eq 1 ]
	answer_is "no entry" router counters "$af" "$l" "$g"
	wait_until 5 net_has_received l1 300

	# and it is the one that gets the upcalls now
	net_send source "${g2%?}4"
	wait_for router "^upcall noroute \($s,${g2%?}4\) vif 0$"
}

@test "IPv4: the forwarding cache passes to another descriptor without a packet lost" {
	passed_on 4 5 6
}

@test "IPv6: the forwarding cache passes to another descriptor without a packet lost" {
	passed_on 6 1 1
}

# A dump of more entries than one message holds, and of one table alone
dumped()
{
	use "$1"
	ok quiet
	vifs
	ok fill "$af" 2000 "$g" 0 1 2
	answer_is "2000 entries" router dump "$af"

	probe_start router other
	answer_is ok other table 77
	answer_is ok other open "$af"
	answer_is ok other vif "$af" 3 eth0
	answer_is ok other fill "$af" 3 "$g2" 3
	answer_is "3 entries" other dump "$af"
	answer_is "2000 entries" router dump "$af"
}

@test "IPv4: entries are read back, thousands, of our table" {
	dumped 4
}

@test "IPv6: entries are read back, thousands, of our table" {
	dumped 6
}

# members FAMILY: how many groups of the tests the kernel is a member of on the router's eth1
members()
{
	on router ip -"$1" maddr show dev eth1 | grep -cE 'inet6? *(239.1|ff05::1:)' || :
}

# sources FAMILY MODE: sources that the kernel includes (INC) or excludes (EXC) on the router's eth1
sources()
{
	local file=mcfilter column=5

	[ "$1" = 4 ] || file=mcfilter6
	[ "$2" = INC ] || column=6
	# lines are: index, device, group, source, includes, excludes
	# shellcheck disable=SC2016 # those are of awk
	on router awk -v column=$column '$2 == "eth1" && $column > 0' "/proc/net/$file" |
		wc -l
}

has_members()
{
	[ "$(members "$1")" -eq "$2" ]
}

# list BASE COUNT [FIRST]: addresses one after another
list()
{
	seq -f "$1%g" "${3:-1}" "$((${3:-1} + $2 - 1))" | tr '\n' ' '
}

# has_record TYPES GROUP: whether a report with such a record left the router's eth1. Types of
# RFC 3376 4.2.12: 1 2 is (in, ex), 3 4 becomes (in, ex), 5 allows, 6 blocks
has_record()
{
	local fields='-e igmp.record_type -e igmp.maddr' from=10.0.1.1

	if [ "$af" = 6 ]; then
		fields='-e icmpv6.mldr.mar.record_type -e icmpv6.mldr.mar.multicast_address'
		from=fe80
	fi
	# shellcheck disable=SC2086 # words
	tshark -n -r "$BATS_TEST_TMPDIR/wire.pcap" -T fields -e ip.src -e ipv6.src $fields 2>/dev/null |
	awk -F '\t' -v types="$1" -v group="$2" -v from="$from" '
		index($1 $2, from) == 1 {
			n = split($3, type, ",")
			split($4, address, ",")
			for (i = 1; i <= n; i++)
				if (address[i] == group && index(types, type[i]))
					found = 1
		}
		END { exit !found }'
}

has_no_record()
{
	! has_record "$@"
}

many_groups()
{
	use "$1"
	net_capture wire listener1 eth0
	ok joinmany 1 eth1 "$2" 45 exclude
	answer_is "$3 sockets" router sockets
	has_members "$af" 45
	ok joinmany 1 eth1 "$2" 45 exclude
	answer_is "$3 sockets" router sockets
	wait_until 5 has_record 4 "$4"
	# the room of those that go is for others
	ok joinmany 1 eth1 "$2" 10 include
	has_members "$af" 35
	ok joinmany 1 eth1 "$5" 25 exclude
	has_members "$af" 60
	answer_is "$3 sockets" router sockets
	ok joinmany 1 eth1 "$2" 70 include
	has_members "$af" 0
	answer_is "0 sockets" router sockets
}

@test "IPv4: more groups are joined than one socket takes" {
	many_groups 4 239.1.1.1 3 239.1.1.45 239.1.1.46
}

@test "IPv6: more groups are joined than one socket takes" {
	many_groups 6 ff05::1:1 1 ff05::1:2d ff05::1:2e
}

# Sources come and go one by one; only the group as a whole is ever left.
many_sources()
{
	local base=$2 limit=$3

	use "$1"
	net_capture wire listener1 eth0
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" include $(list "$base" $((2 * limit + 5)))
	[ "$(sources "$af" INC)" -eq $((2 * limit + 5)) ]
	answer_is "3 sockets" router sockets
	# the first ones go, others come
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" include $(list "$base" $((2 * limit)) 10)
	[ "$(sources "$af" INC)" -eq $((2 * limit)) ]
	ok join 1 eth1 "$g" include "${base}12"
	[ "$(sources "$af" INC)" -eq 1 ]
	answer_is "1 sockets" router sockets
	# its socket takes as many as before
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" include $(list "$base" "$limit" 12)
	[ "$(sources "$af" INC)" -eq "$limit" ]
	answer_is "1 sockets" router sockets

	# everything but some
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" exclude $(list "$base" 3)
	[ "$(sources "$af" EXC)" -eq 3 ]
	[ "$(sources "$af" INC)" -eq 0 ]
	# more cannot be excluded than the kernel allows: nothing is
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" exclude $(list "$base" $((limit + 1)))
	[ "$(sources "$af" EXC)" -eq 0 ]
	[ "$(members "$af")" -eq 1 ]
	[ "$(said "^log notice $g: the kernel cannot exclude")" -eq 1 ]
	# and back
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" include $(list "$base" $((limit + 1)))
	[ "$(sources "$af" INC)" -eq $((limit + 1)) ]
	answer_is "2 sockets" router sockets
	ok join 1 eth1 "$g" include
	[ "$(members "$af")" -eq 0 ]
	answer_is "0 sockets" router sockets
	wait_until 5 has_record 36 "$g"
}

@test "IPv4: more sources are joined than one socket takes" {
	many_sources 4 10.9.9. 10
}

@test "IPv6: more sources are joined than one socket takes" {
	many_sources 6 fd09::1: 64
}

# Each engine has its own wish, and the kernel what they wish together.
engines_share()
{
	use "$1"
	ok join 1 eth1 "$g" include "$s"
	ok join 2 eth1 "$g" include "$s" "$l"
	[ "$(sources "$af" INC)" -eq 2 ]
	ok join 3 eth1 "$g" exclude
	ok join 2 eth1 "$g" include
	ok join 3 eth1 "$g" include
	[ "$(sources "$af" INC)" -eq 1 ]
	ok join 1 eth1 "$g" include
	[ "$(members "$af")" -eq 0 ]
	answer_is "0 sockets" router sockets
	answer_is "No such device" router join 1 4711 "$g" exclude
	answer_is "No such device" router join 1 4711 "$g" include "$s"
	answer_is "0 sockets" router sockets
}

@test "IPv4: memberships of engines are merged" {
	engines_share 4
}

@test "IPv6: memberships of engines are merged" {
	engines_share 6
}

# Memberships outlive the process: those wanted again are not touched, the others are left.
memberships_pass()
{
	local base=$2

	use "$1"
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" include $(list "$base" 13)
	ok join 1 eth1 "$g2" exclude "$s"
	ok join 2 eth1 "$g2" include "$s"
	has_members "$af" 2
	net_capture wire listener1 eth0
	answer_is "$3 inherited, 0 not" router rejoin
	# shellcheck disable=SC2046
	ok join 1 eth1 "$g" include $(list "$base" 13)
	ok join 2 eth1 "$g2" include "$s"
	answer_is more router drop 0
	answer_is "done" router drop 10
	[ "$(members "$af")" -eq 2 ]
	[ "$(sources "$af" INC)" -eq $((13 + 1)) ]
	# what the first join allowed may still be repeated
	wait_until 5 has_record 3 "$g2"
	has_no_record 346 "$g"

	ok join 1 eth1 "$g" include
	ok join 2 eth1 "$g2" include
	[ "$(members "$af")" -eq 0 ]
	answer_is "0 sockets" router sockets
	wait_until 5 has_record 6 "$g"
}

@test "IPv4: memberships pass to another process" {
	memberships_pass 4 10.9.9. 4
}

@test "IPv6: memberships pass to another process" {
	memberships_pass 6 fd09::1: 3
}

@test "a device that goes takes its memberships and its listeners along" {
	local index

	use 4
	index=$(probe router ifindex eth1)
	ok open 4
	ok join 1 eth1 239.1.1.1 exclude
	ok join 1 eth1 ff05::1:1 include fd00::2
	ok join 1 eth2 239.1.1.1 exclude
	ok listen 4 eth1 members on
	ok listen 6 eth1 pim on
	answer_is "2 sockets" router sockets
	on router ip link del eth1
	wait_for router '^gone '
	answer_is "1 sockets" router sockets

	# another one, of the same name and index
	on router ip link add eth1 index "$index" type veth peer name peer
	on router ip link set eth1 up
	on router ip link set peer up
	wait_until 5 last_link_is eth1 'up multicast mtu 1500'
	ok join 1 eth1 239.1.1.1 exclude
	ok listen 4 eth1 members on
	[ "$(on router ip -4 maddr show dev eth1 | grep -cE '239.1.1.1|224.0.0.(2|22)$')" -eq 3 ]
}

# received HOST PATTERN: waits for a packet at the probe there
received()
{
	wait_for "$1" "^packet eth[0-9] proto $2\$"
}

# fields FILTER FIELD...: of what the listener's wire carried
fields()
{
	local field options=()

	for field in "${@:2}"; do
		options+=(-e "$field")
	done
	net_packets wire -Y "$1" -T fields -E separator=' ' "${options[@]}"
}

@test "IPv4: packets go out as they are wanted" {
	net_capture wire listener1 eth0
	# a general query, a Hello, a Hello to one neighbour by routing, a datagram
	ok send 4 eth1 2 - 224.0.0.1 1 0xc0 alert 1164ee9b00000000
	ok send 4 eth1 103 10.0.1.1 224.0.0.13 1 0xc0 plain 2000dfff
	ok send 4 - 103 - 10.0.1.2 64 0 plain 2000dfff
	ok send 4 eth1 17 - 239.1.1.1 7 0 plain 616263 4321 1234
	wait_until 5 net_captured wire 'udp'
	run fields 'igmp.type == 0x11' ip.src ip.dst ip.ttl ip.dsfield ip.opt.type igmp.checksum.status
	[ "$output" = "10.0.1.1 224.0.0.1 1 0xc0 148 1" ]
	run fields pim ip.src ip.dst ip.ttl ip.hdr_len pim.cksum.status
	[ "${lines[0]}" = "10.0.1.1 224.0.0.13 1 20 1" ]
	[ "${lines[1]}" = "10.0.1.1 10.0.1.2 64 20 1" ]
	run fields udp ip.src ip.dst ip.ttl udp.srcport udp.dstport data.data
	[ "$output" = "10.0.1.1 239.1.1.1 7 4321 1234 616263" ]

	ok send 4 eth1 2 - 224.0.0.1 1 0 plain +1480
	answer_is "too big, mtu 1500" router send 4 eth1 2 - 224.0.0.1 1 0 plain +1481
	on router ip link set eth1 mtu 1300
	wait_for router '^link eth1 .* mtu 1300'
	answer_is "too big, mtu 1300" router send 4 - 103 - 10.0.1.2 1 0 plain +1281
	answer_is failed router send 4 eth1 2 10.9.9.9 224.0.0.22 1 0 plain 2000dfff
	[ "$(said '^log warning eth1: cannot send protocol 2 to 224.0.0.22: ')" -eq 1 ]
}

# tun_start DEVICE: a point-to-point device without a link layer, on the router
tun_start()
{
	net_start "$1" router socat -u "TUN,tun-name=$1,tun-type=tun,iff-no-pi,iff-up" \
		"OPEN:$BATS_TEST_TMPDIR/$1.bytes,creat,append"
	wait_for router "^link $1 up "
}

# sent_bytes DEVICE HEX: what it sent has these bytes in it
sent_bytes()
{
	xxd -p "$BATS_TEST_TMPDIR/$1.bytes" | tr -d '\n' | grep -q "$2"
}

@test "GM-22: IPv4: IGMP goes out from 0.0.0.0 where there is no address" {
	# with the address, the interface's own
	net_capture wire listener1 eth0
	ok send 4 eth1 2 - 224.0.0.1 1 0xc0 alert 1164ee9b00000000
	on router ip addr flush dev eth1
	wait_for router '^address eth1 10.0.1.1/24 off'
	ok send 4 eth1 2 - 224.0.0.1 1 0xc0 alert 1164ee9b00000000
	ok send 4 eth1 2 - 239.129.2.3 0 0 plain 1114fd66ef810203
	wait_until 5 net_captured wire 'igmp.maddr == 239.129.2.3'
	run net_packets wire -o ip.check_checksum:TRUE -Y igmp -T fields -E separator=' ' -e eth.dst \
		-e ip.src -e ip.dst -e ip.ttl -e ip.dsfield -e ip.opt.type -e ip.len \
		-e ip.checksum.status -e igmp.checksum.status
	[ "${lines[0]}" = "01:00:5e:00:00:01 10.0.1.1 224.0.0.1 1 0xc0 148 32 1 1" ]
	[ "${lines[1]}" = "01:00:5e:00:00:01 0.0.0.0 224.0.0.1 1 0xc0 148 32 1 1" ]
	[ "${lines[2]}" = "01:00:5e:01:02:03 0.0.0.0 239.129.2.3 1 0x00  28 1 1" ]

	ok send 4 eth1 2 - 224.0.0.1 1 0 plain +1480
	answer_is "too big, mtu 1500" router send 4 eth1 2 - 224.0.0.1 1 0 plain +1481
	on router ip link set eth1 down
	answer_is failed router send 4 eth1 2 - 224.0.0.1 1 0 plain 1164ee9b00000000
	[ "$(said '^log warning eth1: cannot send protocol 2 to 224.0.0.1: ')" -eq 1 ]

	# nothing but the packet, on a device without a link layer
	tun_start tun0
	ok send 4 tun0 2 - 224.0.0.1 1 0xc0 alert 1164ee9b00000000
	wait_until 5 sent_bytes tun0 \
		46c00020000040000102....00000000e0000001940400001164ee9b00000000
}

@test "IPv6: packets go out as they are wanted" {
	local ll

	ll=$(on router ip -6 -o addr show dev eth1 scope link | awk '{ sub(/\/.*/, "", $4); print $4 }')
	net_capture wire listener1 eth0
	# queries, to a group of wide scope too; Hellos; a datagram
	ok send 6 eth1 58 - ff02::1 1 0xc0 alert "82000000000000$(printf '%034d' 0)"
	ok send 6 eth1 58 - ff05::1:1 1 0 alert 8200000000000000ff050000000000000000000000010001
	ok send 6 eth1 103 - ff02::d 1 0xc0 plain 20000000
	ok send 6 - 103 fd00:1::1 fd00:1::2 64 0 plain 2000e58d
	ok send 6 eth1 17 - ff05::1:1 7 0 plain 616263 4321 1234
	wait_until 5 net_captured wire 'udp'
	run fields 'icmpv6.type == 130' ipv6.src ipv6.dst ipv6.hlim ipv6.tclass.dscp ipv6.opt.router_alert \
		icmpv6.checksum.status
	[ "${lines[0]}" = "$ll ff02::1 1 48 0 1" ]
	[ "${lines[1]}" = "$ll ff05::1:1 1 0 0 1" ]
	# the checksum of PIM is not the kernel's
	run fields pim ipv6.src ipv6.dst ipv6.hlim pim.cksum pim.cksum.status
	[ "${lines[0]}" = "$ll ff02::d 1 0x0000 0" ]
	[ "${lines[1]}" = "fd00:1::1 fd00:1::2 64 0xe58d 1" ]
	run fields udp ipv6.src ipv6.dst ipv6.hlim udp.srcport udp.dstport data.data
	[ "$output" = "$ll ff05::1:1 7 4321 1234 616263" ]

	ok send 6 eth1 58 - ff02::1 1 0 plain +1460
	answer_is "too big, mtu 1500" router send 6 eth1 58 - ff02::1 1 0 plain +1461
	on router ip link set eth1 mtu 1300
	wait_for router '^link eth1 .* mtu 1300'
	answer_is "too big, mtu 1300" router send 6 - 103 - fd00:1::2 64 0 plain +1261
	on router ip addr flush dev eth1
	wait_for router '^address eth1 fe80.* off'
	answer_is failed router send 6 eth1 103 - ff02::d 1 0 plain 20000000
}

@test "IPv4: IGMP and PIM come in from devices that are listened to" {
	local me='10.0.1.2'

	use 4
	probe_start listener1
	vifs
	ok listen 4 eth1 members on
	ok listen 4 eth1 members on
	ok listen 4 eth1 pim on
	# IGMPv2: report, leave; IGMPv3 report; Hello
	answer_is ok listener1 send 4 eth0 2 - 239.1.1.1 1 0 alert 1600f9fcef010101
	received router "2 $me 239.1.1.1 ttl 1 tos 0 alert 1600f9fcef010101"
	answer_is ok listener1 send 4 eth0 2 - 224.0.0.2 2 0xc0 plain 1700f8fcef010101
	received router "2 $me 224.0.0.2 ttl 2 tos 192 1700f8fcef010101"
	answer_is ok listener1 send 4 eth0 2 - 224.0.0.22 1 0 alert 2200e9fb0000000104000000ef010101
	received router "2 $me 224.0.0.22 ttl 1 tos 0 alert 2200e9fb0000000104000000ef010101"
	answer_is ok listener1 send 4 eth0 103 - 224.0.0.13 1 0 plain 2000dfff
	received router "103 $me 224.0.0.13 ttl 1 tos 0 2000dfff"

	# our own PIM does not come back
	ok send 4 eth1 103 - 224.0.0.13 1 0 plain 2000dfff
	ok listen 4 eth1 members off
	ok listen 4 eth1 pim off
	[ "$(on router ip -4 maddr show dev eth1 | grep -cE '224.0.0.(2|13|22)$')" -eq 0 ]
	answer_is ok listener1 send 4 eth0 2 - 239.1.1.1 1 0 alert 1600f9fcef010101
	ok listen 4 eth1 members on
	answer_is ok listener1 send 4 eth0 2 - 239.1.1.2 1 0 alert 1600f9fbef010102
	received router "2 $me 239.1.1.2 ttl 1 tos 0 alert 1600f9fbef010102"
	[ "$(said '^packet .* 1600f9fcef010101')" -eq 1 ]
	[ "$(said '^packet .* proto 103 ')" -eq 1 ]
}

@test "IPv6: MLD and PIM come in from devices that are listened to" {
	local me='fe80::[0-9a-f:]+' group=ff050000000000000000000000010001

	use 6
	probe_start listener1
	vifs
	ok listen 6 eth1 members on
	ok listen 6 eth1 pim on
	# MLDv1: report, done; MLDv2 report; Hello
	answer_is ok listener1 send 6 eth0 58 - ff05::1:1 1 0 alert "8300000000000000$group"
	received router "58 $me ff05::1:1 ttl 1 tos 0 alert 8300....00000000$group"
	answer_is ok listener1 send 6 eth0 58 - ff02::2 2 0xc0 plain "8400000000000000$group"
	received router "58 $me ff02::2 ttl 2 tos 192 8400....00000000$group"
	answer_is ok listener1 send 6 eth0 58 - ff02::16 1 0 alert "8f0000000000000104000000$group"
	received router "58 $me ff02::16 ttl 1 tos 0 alert 8f00....0000000104000000$group"
	answer_is ok listener1 send 6 eth0 103 - ff02::d 1 0 plain 20000000
	received router "103 $me ff02::d ttl 1 tos 0 2000...."

	ok send 6 eth1 103 - ff02::d 1 0 plain 20000000
	ok listen 6 eth1 members off
	ok listen 6 eth1 pim off
	[ "$(on router ip -6 maddr show dev eth1 | grep -cE 'ff02::(d|16)$')" -eq 0 ]
	answer_is ok listener1 send 6 eth0 58 - ff02::2 3 0 plain "8400000000000000$group"
	ok listen 6 eth1 members on
	answer_is ok listener1 send 6 eth0 58 - ff02::2 4 0 plain "8400000000000000$group"
	received router "58 $me ff02::2 ttl 4 tos 0 8400....00000000$group"
	[ "$(said '^packet .* ttl 3 ')" -eq 0 ]
	[ "$(said '^packet .* proto 103 ')" -eq 1 ]
}

# solicitations FAMILY SOURCE ROUTERS SOLICITATION PATTERN DONE: who listens for multicast router
# discovery gets its Solicitations, without a vif, and no other message of the protocol
solicitations()
{
	local proto=2

	[ "$1" = 4 ] || proto=58
	use "$1"
	probe_start listener1
	ok open "$af"
	ok listen "$1" eth1 mrd on
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 1 0 alert "$6"
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 1 0 alert "$4"
	received router "$proto $2 $3 ttl 1 tos 0 alert $5"
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 2 0xc0 plain "$4"
	received router "$proto $2 $3 ttl 2 tos 192 $5"
	[ "$(said '^packet ')" -eq 2 ]

	# beside those for members, each is told once
	ok listen "$1" eth1 members on
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 3 0 alert "$4"
	received router "$proto $2 $3 ttl 3 tos 0 alert $5"
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 4 0 alert "$6"
	received router "$proto $2 $3 ttl 4 tos 0 alert ${6:0:2}.*"
	[ "$(said "^packet .* $5\$")" -eq 3 ]

	# and for members alone, none
	ok listen "$1" eth1 mrd off
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 5 0 alert "$4"
	answer_is ok listener1 send "$1" eth0 "$proto" - "$3" 6 0 alert "$6"
	received router "$proto $2 $3 ttl 6 tos 0 alert ${6:0:2}.*"
	[ "$(said '^packet .* ttl 5 ')" -eq 0 ]
}

@test "IPv4: Multicast Router Solicitations come in from devices that are listened to" {
	solicitations 4 10.0.1.2 224.0.0.2 3100ceff 3100ceff 1700f8fcef010101
}

@test "IPv6: Multicast Router Solicitations come in from devices that are listened to" {
	solicitations 6 'fe80::[0-9a-f:]+' ff02::2 98000000 9800.... \
		8400000000000000ff050000000000000000000000010001
}

@test "links and addresses are told as they come, change and go" {
	local index

	wait_for router '^link eth0 up multicast mtu 1500$'
	wait_for router '^link lo up loopback mtu 65536$'
	on router ip link add new type veth peer name newer
	wait_for router '^link new down multicast mtu 1500$'
	on router ip link set new up
	on router ip link set newer up
	wait_for router '^link new up '
	on router ip link set newer down
	wait_until 5 last_link_is new 'down multicast mtu 1500'
	on router ip link set newer up
	wait_until 5 last_link_is new 'up multicast mtu 1500'
	on router ip link set new multicast off mtu 1400
	wait_until 5 last_link_is new 'up mtu 1400'

	index=$(probe router ifindex new)
	on router ip link set new down
	on router ip link set new name old
	wait_until 5 last_link_is old 'down mtu 1400'
	answer_is "$index" router ifindex old
	answer_is 0 router ifindex new

	on router ip addr add 10.7.0.1/16 dev old
	wait_for router '^address old 10.7.0.1/16 on$'
	on router ip addr add 10.8.0.1 peer 10.8.0.2/32 dev old
	wait_for router '^address old 10.8.0.1/32 on$'
	on router ip addr add fd07::1/64 dev old nodad
	wait_for router '^address old fd07::1/64 on$'
	on router ip addr del 10.7.0.1/16 dev old
	wait_for router '^address old 10.7.0.1/16 off$'
	on router ip addr del fd07::1/64 dev old
	wait_for router '^address old fd07::1/64 off$'

	on router ip link del old
	wait_for router "^gone $index$"
	answer_is 0 router ifindex old
	[ "$(said '^resync begin')" -eq 1 ]
}

last_link_is()
{
	grep "^link $1 " "$(net_log router)" | tail -n 1 | grep -qx "link $1 $2"
}

@test "a port that leaves its bridge is not a device that is gone" {
	on router ip link add br0 type bridge
	on router ip link set br0 up
	on router ip link set eth2 master br0
	wait_until 5 last_link_is br0 'up multicast mtu 1500'
	on router ip link set eth2 nomaster
	wait_until 5 last_link_is br0 'down multicast mtu 1500'
	on router ip link set eth2 mtu 1400
	wait_until 5 last_link_is eth2 'up multicast mtu 1400'
	[ "$(said '^gone ')" -eq 0 ]
}

@test "IPv6 addresses are told when duplicate detection is over" {
	local dad=/proc/sys/net/ipv6/conf/eth1/accept_dad

	on router sh -c "echo 1 >$dad"
	on router ip addr add fd77::1/64 dev eth1
	on router ip -6 addr show dev eth1 tentative | grep -q fd77::1
	ok resync
	[ "$(said '^address eth1 fd77::1/64')" -eq 0 ]
	wait_for router '^address eth1 fd77::1/64 on$'

	# one that the neighbour has too never is
	on router ip addr add fd00:1::2/64 dev eth1
	wait_until 5 duplicate_found
	ok resync
	[ "$(said '^address eth1 fd00:1::2/64')" -eq 0 ]
}

duplicate_found()
{
	on router ip -6 addr show dev eth1 dadfailed | grep -q fd00:1::2
}

# While the probe stands still more happens than the kernel keeps; then it lists all anew.
@test "events that are lost are made up for" {
	ok listen 4 eth2 pim on
	ok join 1 eth2 239.1.1.1 exclude
	net_signal router STOP
	on router ip link set eth1 down
	on router ip link set eth1 name other
	on router ip addr add 10.7.0.1/16 dev other
	on router ip link del eth2
	for i in {1..6000}; do
		echo "link set eth0 mtu $((1400 + i % 2))"
	done >"$BATS_TEST_TMPDIR/batch"
	on router ip -batch "$BATS_TEST_TMPDIR/batch"
	net_signal router CONT
	wait_for router '^log notice netlink: events were lost'
	answer_is 0 router ifindex eth2
	answer_is 0 router ifindex eth1
	last_link_is other 'down multicast mtu 1500'
	[ "$(said '^address other 10.7.0.1/16 on')" -eq 1 ]
	[ "$(said '^resync end')" -ge 2 ]
	answer_is "0 sockets" router sockets
	wait_until 5 last_link_is eth0 'up multicast mtu 1400'
	# what was older than the listing was not told after it
	! sed '1,/^log notice netlink/d' "$(net_log router)" | grep '^link eth1 ' || false
}
