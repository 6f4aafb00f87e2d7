#!/usr/bin/env bats
# sim.bats - what the simulator's networks say, judged by tshark
#
# The messages of some random networks, written as pcap files, are free of errors to another decoder.

setup()
{
	bats_load_library bats-support
	bats_load_library bats-assert
	bats_require_minimum_version 1.5.0
}

# wrong FILE: the packets that tshark complains of
wrong()
{
	tshark -n -r "$1" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y '_ws.malformed || _ws.expert.severity >= 0x00600000 ||
			ip.checksum.status == 0 || igmp.checksum.status == 0 ||
			icmpv6.checksum.status == 0 || pim.cksum.status == 0 ||
			udp.checksum.status == 0' 2>/dev/null
}

# in_order PROGRAM FILTER SEED...: its networks are free of errors; n is the packets that pass
in_order()
{
	local program=$1 filter=$2 seed all
	shift 2

	n=0
	for seed; do
		mkdir "$BATS_TEST_TMPDIR/$seed"
		SEED=$seed PCAP="$BATS_TEST_TMPDIR/$seed" \
			"$SMCKIT_BUILD/test/sim/$program" >"$BATS_TEST_TMPDIR/log"
		all=$BATS_TEST_TMPDIR/$seed.pcap
		mergecap -F pcap -w "$all" "$BATS_TEST_TMPDIR/$seed"/*.pcap
		run -0 wrong "$all"
		assert_output ''
		n=$((n + $(tshark -n -r "$all" -Y "$filter" 2>/dev/null | wc -l)))
	done
}

@test "messages of random networks are in order" {
	local n

	in_order net_random 'igmp || icmpv6' 1 2 3 5 8
	[ "$n" -gt 1000 ]
}

@test "messages of random networks of PIM routers are in order" {
	local n

	in_order pim_random 'pim.type == 1' 1 6 9
	[ "$n" -gt 5 ]
}
