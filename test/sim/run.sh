#!/bin/bash
# run.sh [pim|rp] [SEEDS | SEED=N [FOLDER]] - random scenarios, from seed 1 to that many, with `pim`
# the networks of PIM alone, with `rp` those whose RPs change; `./run sim` builds first. Or one
# network, with its whole log, and in the folder a pcap file of each link.

cd "$(dirname "$0")/../.." || exit 99

programs=(net_random pim_random rp_random mfc_sim rpf_sim rules_sim)
case ${1:-} in
pim | rp)
	programs=("${1}_random")
	shift
	;;
esac

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
	program "${programs[0]}"
	exec "build/test/sim/${programs[0]}"
	;;
esac
export SEEDS=${1:-1000}
for name in "${programs[@]}"; do
	program "$name"
	"build/test/sim/$name" || status=1
done
exit $status
