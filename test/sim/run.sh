#!/bin/bash
# run.sh [SEEDS] - random scenarios, from seed 1 to that many; `./run sim` builds first

cd "$(dirname "$0")/../.." || exit 99

export SEEDS=${1:-1000}
status=0
for name in mfc rpf rules; do
	make -s -C build "test/sim/${name}_sim" || exit
	build/test/sim/"${name}_sim" || status=1
done
exit $status
