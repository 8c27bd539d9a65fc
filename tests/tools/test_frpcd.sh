#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# frpcd as systemd runs it, on the emulator. Arguments: frpcd, the folder of the emulator's library.
# shellcheck disable=SC2086
frpcd=$1
export LD_LIBRARY_PATH="$2"
. "$(dirname "$0")/checks.sh"

# Waits until the file $1 has $2 lines with $3; a minute at most.
await_lines() {
	for _ in $(seq 600); do
		[ "$(grep -c -- "$3" "$1" 2>/dev/null)" -ge "$2" ] 2>/dev/null && return 0
		sleep 0.1
	done
	return 1
}

FRPC_TRANSPORT=trace=$folder/trace:fault=init_attach=EPERM:mainline@emulator $wrapper "$frpcd" cdsp \
	>"$folder/out" 2>&1 &
daemon=$!
await_lines "$folder/trace" 2 'INIT_ATTACH = ' && says 'cdsp: cannot attach: Operation not permitted' &&
	[ "$(wc -l <"$folder/out")" = 1 ]
check $? "a DSP that refuses again and again is said to once, with the reason"
kill $daemon
wait $daemon 2>/dev/null

FRPC_TRANSPORT=fault=init_attach=EPERM:mainline@emulator $wrapper "$frpcd" -1 cdsp >"$folder/out" 2>&1
[ $? = 1 ] && says 'cdsp: cannot attach: Operation not permitted'
check $? "with -1 a refusal ends it with 1"

FRPC_TRANSPORT=mainline@emulator FRPC_EMULATOR=domains=cdsp $wrapper "$frpcd" adsp >"$folder/out" 2>&1
[ $? = 3 ] && says 'adsp: no device node could be opened'
check $? "without such a DSP it ends with 3 and names the nodes it tried"

FRPC_TRANSPORT=nonsense $wrapper "$frpcd" cdsp >"$folder/out" 2>&1
[ $? = 1 ] && says 'nonsense'
check $? "a transport that there is not is named"

$wrapper "$frpcd" -p moon cdsp >"$folder/out" 2>&1
[ $? = 2 ] && says '^usage: frpcd'
check $? "wrong arguments end it with 2 and show what is right"

echo "1..$number"
