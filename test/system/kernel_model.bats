#!/usr/bin/env bats
# kernel_model.bats - the steps of test/sim/kernel on the real kernel, as they are run on its model

steps=$BATS_TEST_DIRNAME/../sim/kernel
build=${SMCKIT_BUILD:-$BATS_TEST_DIRNAME/../../build}

setup_file()
{
	make -s -C "${SMCKIT_BUILD:-$BATS_TEST_DIRNAME/../../build}" test/sim/kernel_steps
}

# Both families at once, since some steps wait for seconds.
same()
{
	local first status=0

	"$build/test/sim/kernel_steps" real -4 "$steps/$1.steps" >"$BATS_TEST_TMPDIR/v4" &
	first=$!
	"$build/test/sim/kernel_steps" real -6 "$steps/$1.steps" || status=1
	wait "$first" || status=1
	cat "$BATS_TEST_TMPDIR/v4"
	return "$status"
}

@test "every file of steps is run here" {
	local file

	for file in "$steps"/*.steps; do
		file=${file##*/}
		grep -qx "	same ${file%.steps}" "$BATS_TEST_FILENAME" || {
			echo "$file is not"
			return 1
		}
	done
}

@test "kernel: dad" {
	same dad
}

@test "kernel: entry" {
	same entry
}

@test "kernel: expiry" {
	same expiry
}

@test "kernel: forward" {
	same forward
}

@test "kernel: full" {
	same full
}

@test "kernel: late vif" {
	same late_vif
}

@test "kernel: limit" {
	same limit
}

@test "kernel: linkdel" {
	same linkdel
}

@test "kernel: linkdown" {
	same linkdown
}

@test "kernel: news" {
	same news
}

@test "kernel: readd" {
	same readd
}

@test "kernel: reuse" {
	same reuse
}

@test "kernel: scope" {
	same scope
}

@test "kernel: self" {
	same self
}

@test "kernel: star g" {
	same star_g
}

@test "kernel: star g parents" {
	same star_g_parents
}

@test "kernel: star star" {
	same star_star
}

@test "kernel: star star shield" {
	same star_star_shield
}

@test "kernel: token" {
	same token
}

@test "kernel: ttl" {
	same ttl
}

@test "kernel: tun" {
	same tun
}

@test "kernel: tun gone" {
	same tun_gone
}

@test "kernel: unresolved" {
	same unresolved
}

@test "kernel: vif" {
	same vif
}

@test "kernel: wrongif" {
	same wrongif
}

@test "kernel: random tables and packets, side by side with the model" {
	"$build/test/sim/kernel_steps" random 1 2 3 4 5
}
