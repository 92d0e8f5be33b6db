#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# browse-map.sh HTML JSON
#
# Opens the page that 'kwcheck map -J --html HTML >JSON' wrote in headless Chromium, by
# ChromeDriver's own protocol: it renders without an error, its counts are the JSON's, a
# range can be picked with the mouse and with keys, found, and the dark scheme is dark. A
# line "ok NAME" or "not ok NAME" per test.

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
html=$(readlink -f "$1") json=$2
"$here/../deps.sh" browser

work=$(mktemp -d) driver='' session='' failed=0

# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	[[ -z $session ]] || call DELETE "" '' >/dev/null || true
	[[ -z $driver ]] || kill "$driver" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

# call METHOD PATH BODY: the value of the answer.
call()
{
	curl -sS -X "$1" -H 'Content-Type: application/json' ${3:+--data "$3"} \
		"http://127.0.0.1:$port/session${session:+/$session}$2" | jq -c .value
}

# run SCRIPT: what the function body returns.
run()
{
	call POST /execute/sync "$(jq -cn --arg script "$1" '{script: $script, args: []}')"
}

expect()
{
	if [[ $2 == "$3" ]]; then
		echo "ok $1"
	else
		echo "not ok $1: $2, wanted $3"
		failed=1
	fi
}

press()
{
	call POST /actions "$(jq -cn --arg key "$1" '{actions: [{type: "key", id: "keys",
		actions: [{type: "keyDown", value: $key}, {type: "keyUp", value: $key}]}]}')" \
		>/dev/null
}

: >"$work/log"
chromedriver --port=0 >"$work/log" 2>&1 &
driver=$!
for ((i = 0; i < 100; i++)); do
	port=$(sed -n 's/.*started successfully on port \([0-9]*\).*/\1/p' "$work/log")
	[[ -z $port ]] || break
	sleep 0.1
done
[[ -n $port ]] || { cat "$work/log" >&2; exit 1; }

session=$(call POST "" "$(jq -cn --arg data "$work/profile" '{capabilities: {alwaysMatch: {
	"goog:loggingPrefs": {browser: "ALL"},
	"goog:chromeOptions": {args: ["--headless", "--no-sandbox", "--disable-gpu",
		"--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--window-size=1280,1000",
		("--user-data-dir=" + $data)]}}}}')" | jq -r .sessionId)
call POST /url "$(jq -cn --arg url "file://$html" '{url: $url}')" >/dev/null

expect "the map renders" "$(run 'return document.documentElement.dataset.ready')" '"yes"'
expect "without an error" "$(call POST /se/log '{"type": "browser"}' | jq 'length')" 0
expect "nothing comes from elsewhere" \
	"$(run 'return performance.getEntriesByType("resource").length')" 0

expect "it has as many ranges as the JSON" \
	"$(run 'return JSON.parse(document.getElementById("data").textContent).ranges.length')" \
	"$(jq '.results | length' "$json")"
for rights in r-- rw- r-x rwx; do
	expect "as many $rights as the JSON" \
		"$(run "return Number(document.querySelector('[data-rights=\"$rights\"]').dataset.ranges)")" \
		"$(jq --arg rights "$rights" '[.results[] | select(.rights == $rights)] | length' "$json")"
done
expect "every region has its strip" \
	"$(run 'return [...new Set([...document.querySelectorAll("[data-region]")].map((e) => e.dataset.region))].sort()')" \
	"$(jq -c '[.results[].region] | unique' "$json")"
expect "the arrays of AppArmor are marked" \
	"$(run 'return document.querySelectorAll(".block i[title^=apparmor]").length > 0')" true

# A block that stands for one range: the kernel's text.
text=$(jq -c '[.results[] | select(.region == ".text")][0]' "$json")
element=$(call POST /element \
	'{"using": "css selector", "value": "[data-region=\".text\"] .block"}' | jq -r '.[]')
call POST "/element/$element/click" '{}' >/dev/null
expect "a click picks a range" \
	"$(run 'return document.getElementById("details").dataset.address')" \
	"$(jq -c .address <<<"$text")"
expect "and tells its rights" \
	"$(run 'return document.getElementById("details").textContent.includes("r-x (code)")')" true
press $'\uE014' # right: there is one block, so nothing moves
press $'\uE015' # down: the next region
expect "the arrow keys move on" \
	"$(run 'return document.getElementById("details").dataset.address')" \
	"$(jq -c '.results as $all | [range(0; $all | length)] | map(select($all[.].region == ".text"))[-1] + 1 | $all[.].address' "$json")"
expect "what is picked has the focus" \
	"$(run 'return document.activeElement.getAttribute("aria-selected")')" '"true"'

element=$(call POST /element '{"using": "css selector", "value": "#find"}' | jq -r '.[]')
call POST "/element/$element/value" \
	"$(jq -c '{text: .address}' <<<"$text")" >/dev/null
expect "an address is found" \
	"$(run 'return document.getElementById("details").dataset.address')" \
	"$(jq -c .address <<<"$text")"
call POST "/element/$element/clear" '{}' >/dev/null
call POST "/element/$element/value" '{"text": "apparmor_hooks"}' >/dev/null
expect "a symbol is found" \
	"$(run 'return document.getElementById("details").textContent.includes("apparmor: ")')" true

page='return getComputedStyle(document.body).backgroundColor'
light=$(run "$page")
call POST /goog/cdp/execute '{"cmd": "Emulation.setEmulatedMedia", "params":
	{"features": [{"name": "prefers-color-scheme", "value": "dark"}]}}' >/dev/null
dark=$(run "$page")
expect "light and dark differ" "$([[ $light != "$dark" ]] && echo yes)" yes
exit $failed
