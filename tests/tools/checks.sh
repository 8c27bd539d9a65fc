# SPDX-License-Identifier: BSD-3-Clause
# What tests of our programs begin with; sourced. Leaves a temporary folder in $folder.
unset FRPC_TRANSPORT FRPC_EMULATOR DSP_LIBRARY_PATH ADSP_LIBRARY_PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
number=0
# What runs programs of another machine, if that is what these are.
wrapper=${MESON_EXE_WRAPPER:-}

# Says whether the last command did what the sentence says; shows its output if not.
check() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		sed 's/^/# /' "$folder/out"
	fi
}

says() { grep -q -- "$1" "$folder/out"; }
