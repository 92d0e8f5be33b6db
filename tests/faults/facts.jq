# SPDX-License-Identifier: GPL-2.0-or-later
# jq -n --slurpfile whole A --slurpfile faulty B -f facts.jq: what an answer of a run in which
# a call failed says other than the run in which none did. Nothing is right: every result is
# the same, or says that it is not known; a result may be missing where an error is told.
def key: [.file // .query // .address // .index, .group, .name, .symbol];
def ignored: walk(if type == "object" then del(.cpu_ms, .fetched_pages, .source) else . end);
def is_open: [.verdict, .status, .dry_run.outcome?]
	| any(. == "unknown" or . == "undecided" or . == "unreadable");
($whole[0] // {}) as $a | ($faulty[0] // {}) as $b
| ($a.results // [] | map(ignored)) as $all
| ($all | map({key: (key | tojson), value: .}) | from_entries) as $known
| ($b.results // [] | map(ignored)) as $told
| ($told[] | select(is_open | not) | . as $one | $known[key | tojson]
	| select(. != $one)
	| "differs: \([., $one] | map(tojson | .[0:300]) | join(" for "))"),
  (if ($told | length) < ($all | length) and ($b.errors // [] | length) == 0
   then "\(($all | length) - ($told | length)) results missing without an error" else empty end)
