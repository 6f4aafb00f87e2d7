#!/bin/bash
# run.sh [SEEDS | SEED=N [FOLDER]] - random scenarios, from seed 1 to that many; `./run sim` builds
# first. Or one network, with its whole log, and in the folder a pcap file of each link.

cd "$(dirname "$0")/../.." || exit 99

program()
{
	make -s -C build "test/sim/$1" || exit
}

status=0
case ${1:-} in
SEED=*)
	export SEED=${1#SEED=}
	if [ -n "${2:-}" ]; then
		mkdir -p "$2" || exit
		export PCAP=$2
	fi
	program net_random
	exec build/test/sim/net_random
	;;
esac
export SEEDS=${1:-1000}
for name in net_random mfc_sim rpf_sim rules_sim; do
	program $name
	build/test/sim/$name || status=1
done
exit $status
