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
			icmpv6.checksum.status == 0 || udp.checksum.status == 0' 2>/dev/null
}

@test "messages of random networks are in order" {
	local seed all n=0

	for seed in 1 2 3 5 8; do
		mkdir "$BATS_TEST_TMPDIR/$seed"
		SEED=$seed PCAP="$BATS_TEST_TMPDIR/$seed" \
			"$SMCKIT_BUILD/test/sim/net_random" >"$BATS_TEST_TMPDIR/log"
		all=$BATS_TEST_TMPDIR/$seed.pcap
		mergecap -F pcap -w "$all" "$BATS_TEST_TMPDIR/$seed"/*.pcap
		run -0 wrong "$all"
		assert_output ''
		n=$((n + $(tshark -n -r "$all" -Y 'igmp || icmpv6' 2>/dev/null | wc -l)))
	done
	[ "$n" -gt 1000 ]
}
