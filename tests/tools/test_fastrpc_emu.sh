#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# fastrpc-emu as a person uses it. Arguments: fastrpc-emu, the calculator, the folder of its skel.
# shellcheck disable=SC2086
emu=$1 calculator=$2 skels=$3
. "$(dirname "$0")/checks.sh"

$wrapper "$emu" run -L "$skels" $wrapper "$calculator" >"$folder/out" 2>&1 && says '^all right$'
check $? "run runs a program on the emulator"

$wrapper "$emu" run -L "$skels" -m abi=downstream $wrapper "$calculator" >"$folder/out" 2>&1 && says '^all right$'
check $? "run takes a machine's description"

$wrapper "$emu" trace -L "$skels" -o "$folder/trace" $wrapper "$calculator" >"$folder/out" 2>&1 && says '^all right$' &&
	grep -q ' INVOKE = 0 (' "$folder/trace"
check $? "trace writes a line for every system call on the nodes"

$wrapper "$emu" run false >"$folder/out" 2>&1
[ $? = 1 ]
check $? "run's exit code is the program's"

$wrapper "$emu" run /nowhere/program >"$folder/out" 2>&1
[ $? = 127 ] && says '/nowhere/program: No such file'
check $? "a program that is not there is named"

$wrapper "$emu" run >"$folder/out" 2>&1
[ $? = 2 ] && says 'which program'
check $? "run without a program asks for one"

$wrapper "$emu" info -m domains=cdsp,abi=mainline,arch=75 >"$folder/out" 2>&1 &&
	says '/dev/fastrpc-cdsp$' && ! says adsprpc-smd && says 'cdsp .*architecture v75'
check $? "info shows the nodes, domains and attributes of a machine"

$wrapper "$emu" info -m domains=nowhere >"$folder/out" 2>&1
[ $? = 1 ] && says 'domains=nowhere; possible:'
check $? "info refuses a machine that cannot be"

FRPC_TRANSPORT=emulator DSP_LIBRARY_PATH=$skels $wrapper "$emu" doctor >"$folder/out" 2>&1 &&
	says 'verdict: calls can be made' && says "$skels: [1-9][0-9]* skels"
check $? "doctor finds the road open on the emulator"

if [ -e /dev/adsprpc-smd ] || ls /dev/fastrpc-* >/dev/null 2>&1; then
	echo "ok $((number = number + 1)) - doctor says what to do without a DSP # SKIP there is one"
else
	$wrapper "$emu" doctor >"$folder/out" 2>&1
	[ $? = 1 ] && says 'no FastRPC driver has found a DSP' && says 'FRPC_TRANSPORT=emulator'
	check $? "doctor says what to do without a DSP"
fi

$wrapper "$emu" juggle >"$folder/out" 2>&1
[ $? = 2 ] && says 'no such verb: juggle'
check $? "a verb that is none is refused"
echo "1..$number"
