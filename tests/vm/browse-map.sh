#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# browse-map.sh HTML JSON
#
# Opens the page that 'kwcheck map -J --html HTML >JSON' wrote in headless Chromium, by
# ChromeDriver's own protocol: it renders without an error, its counts are the JSON's, a
# range can be picked with the mouse and with keys, every symbol found; light and dark, wide
# and narrow, it is legible and shows what was picked; a screen reader has names. A line
# "ok NAME" or "not ok NAME" per test.

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

# type TEXT: into the search field; waits until it was looked for.
type()
{
	local found i

	found=$(call POST /element '{"using": "css selector", "value": "#find"}' | jq -r '.[]')
	call POST "/element/$found/clear" '{}' >/dev/null
	call POST "/element/$found/value" "$(jq -cn --arg text "$1" '{text: $text}')" >/dev/null
	for ((i = 0; i < 100; i++)); do
		[[ $(run 'return document.getElementById("found").dataset.of') != "\"$1\"" ]] || return 0
		sleep 0.1
	done
}
details='document.getElementById("details")'
type "$(jq -r .address <<<"$text")"
expect "an address is found" "$(run "return $details.dataset.address")" "$(jq -c .address <<<"$text")"
type apparmor_hooks
expect "a symbol is found" "$(run "return $details.textContent.includes('apparmor: ')")" true
# Inside a range, where no range begins.
type poweroff_cmd
expect "so is one inside a range" "$(run "return $details.querySelector('h2').textContent")" '"poweroff_cmd"'
press $'\uE015' # down: into what was found
expect "what was found can be walked through" \
	"$(run 'return document.activeElement.textContent.startsWith("poweroff_cmd ")')" true
press $'\uE00C' # escape
expect "and left" "$(run 'return [document.activeElement.id, document.getElementById("hits").hidden]')" \
	'["find",true]'
type nosuch_symbol_
expect "what is not there is told" "$(run 'return document.getElementById("found").textContent')" '"0 are found"'
run 'document.getElementById("find").value = ""; return 0' >/dev/null
names=$(call POST /execute/async "$(jq -cn '{args: [], script: "
	const done = arguments[0], text = JSON.parse(document.getElementById(\"data\").textContent).names;
	new Response(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]).stream()
		.pipeThrough(new DecompressionStream(\"deflate\"))).text()
		.then((lines) => done(lines.trimEnd().split(\"\\n\")
			.filter((line, i) => i % 9973 === 0).map((line) => line.split(\" \")[1])));"}')")
missing=''
for name in $(jq -r '.[]' <<<"$names"); do
	type "${name,,}"
	[[ $(run 'return [...document.querySelectorAll("#hits b")].map((b) => b.textContent)') == *"$name"* ]] ||
		missing+=" $name"
done
expect "any symbol is found: $(jq length <<<"$names") of them" "$missing" ""
expect "the page is below 5 MB" "$(($(stat -c %s "$html") < 5000000))" 1

# What is not known looks other than what is not sealed.
expect "each verdict has its colour" "$(run '
	const colour = (name) => {
		const pill = document.createElement("b");
		pill.className = "pill " + name;
		document.body.append(pill);
		const style = getComputedStyle(pill).backgroundColor;
		pill.remove();
		return style;
	};
	return new Set(["sealed", "unsealed", "unknown"].map(colour)).size')" 3

# A screen reader has a name for everything that can be used.
nameless=$(call POST /goog/cdp/execute '{"cmd": "Accessibility.getFullAXTree", "params": {}}' | jq -c '
	[.nodes[] | select(.ignored | not) | select(.role.value | IN("button", "option", "listbox",
		"searchbox", "complementary", "region", "group", "list"))
	| select((.name.value // "") == "") | .role.value]')
expect "everything has a name" "$nameless" '[]'

# Text against what is behind it (WCAG 2: 4.5 to 1), blocks against the page (3 to 1).
pale='
	const rgb = (text) => text.match(/[\d.]+/g).map(Number);
	const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 :
		((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
		return (x + 0.05) / (y + 0.05); };
	const behind = (e) => { for (; e; e = e.parentElement) {
		const c = rgb(getComputedStyle(e).backgroundColor);
		if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
	const bad = [];
	for (const e of document.querySelectorAll("body *")) {
		if (!e.checkVisibility() || ["SCRIPT"].includes(e.tagName)) continue;
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const r = ratio(rgb(getComputedStyle(e).color), behind(e));
		if (r < 4.5) bad.push(e.tagName + "." + e.className + " " + r.toFixed(2));
	}
	for (const e of document.querySelectorAll(".block")) {
		const r = ratio(rgb(getComputedStyle(e).backgroundColor), behind(document.body));
		if (r < 3) bad.push(e.className + " " + r.toFixed(2));
	}
	return [...new Set(bad)].slice(0, 5)'
page='return getComputedStyle(document.body).backgroundColor'
# A folder in SHOTS gets a picture of each.
shoot()
{
	[[ -z ${SHOTS-} ]] || call GET /screenshot '' | jq -r . | base64 -d >"$SHOTS/$1.png"
}
for scheme in light dark; do
	call POST /goog/cdp/execute "$(jq -cn --arg scheme $scheme '{cmd: "Emulation.setEmulatedMedia", params:
		{features: [{name: "prefers-color-scheme", value: $scheme}]}}')" >/dev/null
	declare "$scheme=$(run "$page")"
	for width in 1400 400; do
		call POST /goog/cdp/execute "$(jq -cn --argjson width $width '{cmd: "Emulation.setDeviceMetricsOverride",
			params: {width: $width, height: 900, deviceScaleFactor: 1, mobile: false}}')" >/dev/null
		run 'document.getElementById("close").click(); return 0' >/dev/null
		run 'const find = document.getElementById("find"); find.value = ""; find.dispatchEvent(new Event("input"));
			scrollTo(0, 0); return 0' >/dev/null
		shoot "$scheme-$width"
		expect "$scheme, $width wide: legible" "$(run "$pale")" '[]'
		expect "$scheme, $width wide: nothing sticks out" \
			"$(run 'return document.scrollingElement.scrollWidth <= innerWidth')" true
		element=$(call POST /element \
			'{"using": "css selector", "value": "[data-region=\"direct map\"] .block"}' | jq -r '.[]')
		call POST "/element/$element/click" '{}' >/dev/null
		sleep 0.2
		shoot "$scheme-$width-picked"
		expect "$scheme, $width wide: a click shows the details, and what they are of" "$(run '
			const box = document.getElementById("sheet").getBoundingClientRect();
			const block = document.querySelector(".block[aria-selected=true]").getBoundingClientRect();
			const is_seen = (b) => b.height > 0 && b.top >= 0 && b.top < innerHeight;
			return is_seen(box) && is_seen(block) &&
				(block.bottom <= box.top || block.right <= box.left)')" true
		expect "$scheme, $width wide: they are legible" "$(run "$pale")" '[]'
	done
done
press $'\uE00C' # escape
expect "Escape closes the sheet" "$(run 'return document.getElementById("sheet").checkVisibility()')" false
press $'\uE007' # enter, on the block
expect "Enter opens it" "$(run 'return document.getElementById("sheet").checkVisibility()')" true
# shellcheck disable=SC2154 # declared above
expect "light and dark differ" "$([[ $light != "$dark" ]] && echo yes)" yes
call POST /goog/cdp/execute '{"cmd": "Emulation.setEmulatedMedia", "params": {"media": "print"}}' >/dev/null
shoot print
expect "on paper there is nothing to type, and the ink is dark" "$(run '
	return [document.getElementById("find").checkVisibility(), getComputedStyle(document.body).color]')" \
	'[false,"rgb(28, 30, 33)"]'
exit $failed
