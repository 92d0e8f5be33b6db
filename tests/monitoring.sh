#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# monitoring.sh BUILD: the examples of monitoring do what they say. promtool checks and tests
# the alert rules; a real guest is audited as it is, with a page unsealed by a module, and
# where it cannot be; its metrics go through Debian's node_exporter into its prometheus, on
# loopback, which raises the alerts. The programs are unpacked in the cache folder: no service
# of this machine is touched.

# shellcheck disable=SC2317 # functions are called through run

set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
build=$(realpath "$1")
cache=${KWCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kwcheck}
programs=$cache/monitoring
rules=$top/doc/examples/prometheus
series=6.1
work=$(mktemp -d)
pids=()
# shellcheck source=tests/vm/guest-lib.sh
. "$here/vm/guest-lib.sh"
# shellcheck disable=SC2034 # say() reads it
subject=monitoring

cleanup()
{
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

fetch_programs()
{
	[[ ! -x $programs/usr/bin/prometheus ]] || return 0
	mkdir "$work/apt"
	chmod 777 "$work" "$work/apt"
	(cd "$work/apt" && apt-get -qq download prometheus prometheus-node-exporter) ||
		{ say 1 "Debian's prometheus cannot be fetched"; exit 1; }
	for deb in "$work"/apt/*.deb; do
		dpkg-deb -x "$deb" "$work/programs"
	done
	mkdir -p "$cache"
	rm -rf "$programs"
	mv "$work/programs" "$programs"
}

check_examples()
{
	local unit said

	run "the rules are right" "$programs/usr/bin/promtool" check rules "$rules/kwcheck.rules.yml"
	run "the rules' own tests pass" env -C "$rules" "$programs/usr/bin/promtool" test rules \
		kwcheck.rules.test.yml
	run "the dashboard asks for metrics that there are" asks_for_known_metrics
	type -P systemd-analyze >/dev/null || { echo "skipped monitoring: no systemd-analyze"; return; }
	mkdir "$work/units"
	for unit in service timer; do
		sed 's,^ExecStart=/usr/sbin/kwcheck,ExecStart=/bin/true,' \
			"$top/doc/examples/systemd/kwcheck-audit.$unit" \
			>"$work/units/kwcheck-audit.$unit"
	done
	said=$(systemd-analyze verify --man=no "$work"/units/* 2>&1 | grep kwcheck-audit || true)
	say "$([[ -z $said ]]; echo $?)" "systemd-analyze verifies the units ${said:0:200}"
	run "systemd-analyze calls the service's exposure 2.5 at most" systemd-analyze security \
		--offline=true --no-pager --threshold=25 "$work/units/kwcheck-audit.service"
}

# run NAME COMMAND...
run()
{
	local status=0

	"${@:2}" >"$work/log" 2>&1 || status=$?
	((status == 0)) || tail -n 20 "$work/log"
	say "$status" "$1"
}

asks_for_known_metrics()
{
	local metric

	jq -re '.panels[].targets[].expr, .templating.list[1].query.query' \
		"$rules/kwcheck.dashboard.json" | grep -o 'kwcheck_[a-z_]*' | sort -u >"$work/asked"
	[[ $(wc -l <"$work/asked") -ge 5 ]] || return 1
	while read -r metric; do
		grep -q "\"${metric#kwcheck_audit_}\"" "$top/cmd/audit_prom.c" ||
			{ echo "no metric $metric"; return 1; }
	done <"$work/asked"
}

# The guest leaves good.prom, bad.prom and none.prom.
audit_guest()
{
	"$here/vm/provision.sh" "$series"
	"$here/vm/build-module.sh" "$series" "$here/vm/modules/audit" "$build/audit/$series" \
		>"$work/log" 2>&1 || { cat "$work/log"; say 1 "the modules build"; exit 1; }
	mkdir -p "$work/out"
	"$here/vm/boot.sh" --kernel "$series" --append no_timer_check \
		--exec "$build/kwcheck" --exec "$(type -P setpriv)" \
		--exec "$(type -P unshare)" --file "$build/audit/$series/damage_rodata.ko" \
		--file "$here/vm/guest-monitoring.sh:/bin/guest-monitoring" \
		--file "$here/vm/guest-lib.sh:/bin/guest-lib" \
		--out "$work/out" --timeout 600 -- guest-monitoring || failed=1
}

# free_port
free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_monitors()
{
	exporter=127.0.0.1:$(free_port)
	prometheus=127.0.0.1:$(free_port)
	mkdir "$work/textfile" "$work/tsdb"
	cat >"$work/prometheus.yml" <<-END
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: [$rules/kwcheck.rules.yml]
		scrape_configs:
		  - job_name: node
		    static_configs: [{targets: ["$exporter"]}]
	END
	"$programs/usr/bin/prometheus-node-exporter" --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory="$work/textfile" \
		--web.listen-address="$exporter" >"$work/exporter.log" 2>&1 &
	pids+=($!)
	"$programs/usr/bin/prometheus" --config.file="$work/prometheus.yml" \
		--storage.tsdb.path="$work/tsdb" --web.listen-address="$prometheus" \
		--web.console.libraries="$work" --web.console.templates="$work" \
		>"$work/prometheus.log" 2>&1 &
	pids+=($!)
}

# The alerts that are raised, as NAME:STATE.
alerts()
{
	curl -sf --noproxy '*' "http://$prometheus/api/v1/alerts" |
		jq -r '.data.alerts[] | .labels.alertname + ":" + .state' 2>/dev/null | sort -u
}

# comes_to ALERT WANTED: 0 it is raised, 1 it is not; within a minute.
comes_to()
{
	local i now

	for ((i = 0; i < 60; i++)); do
		now=0
		alerts >"$work/alerts" && grep -qx "$1" "$work/alerts" || now=1
		[[ $now == "$2" && $(asked) -gt 0 ]] && return 0
		sleep 1
	done
	return 1
}

# How many series of kwcheck's prometheus has from the file that is there now.
asked()
{
	curl -sf --noproxy '*' -G "http://$prometheus/api/v1/query" \
		--data-urlencode "query=kwcheck_audit_timestamp_seconds == $stamp" |
		jq '.data.result | length' 2>/dev/null || echo 0
}

# publish FILE: as kwcheck does, whole or not at all.
publish()
{
	stamp=$(awk '/^kwcheck_audit_timestamp_seconds/ { print $2 }' "$work/out/$1")
	cp "$work/out/$1" "$work/textfile/.new"
	mv "$work/textfile/.new" "$work/textfile/kwcheck.prom"
}

raise_alerts()
{
	start_monitors
	publish good.prom
	run "a sealed kernel raises no alert" comes_to KernelMemoryUnsealed:firing 1
	run "node_exporter read the file without an error" grep -q '^node_textfile_scrape_error 0' \
		<(curl -sf --noproxy '*' "http://$exporter/metrics")
	publish bad.prom
	run "an unsealed page raises KernelMemoryUnsealed" comes_to KernelMemoryUnsealed:firing 0
	publish none.prom
	run "a kernel that cannot be audited raises KernelNotAudited" \
		comes_to KernelNotAudited:pending 0
	run "... and is no finding any more" comes_to KernelMemoryUnsealed:firing 1
}

"$here/deps.sh" monitoring
fetch_programs
check_examples
make -s -C "$top" "$build/kwcheck" 2>/dev/null || make -s -C "$top" build/kwcheck
audit_guest
raise_alerts
exit $failed
