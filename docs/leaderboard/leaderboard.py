#!/usr/bin/env python3
"""Makes the leaderboard of docs/leaderboard.md.

    leaderboard.py collect VERDICTS.json FACTS.json   # of `conform --url ... --format json`
    leaderboard.py render                             # docs/leaderboard.md from servers/*.json

Kept of the verdicts are counts, and the failures of cases that judged.json names: each kind of
them was compared by hand with the text of the RFC in rules.json. All others are counted as not
judged, and nothing of them is kept: neither their names nor their bytes.
"""

import html
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVERS = HERE / "servers"
KEPT_BYTES = 500


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def cut(text):
    more = len(text) - KEPT_BYTES
    return text if more <= 0 else f"{text[:KEPT_BYTES]}... ({more} more)"


def is_about(case):
    """What is no HTTP at all fails by another rule than that of the case."""
    return "malformed" not in case["observed"]


def collect(verdicts, facts):
    """Writes servers/ID.json; FACTS has id, name, version, configuration, rules to leave out."""
    found, facts = read(verdicts)[0], read(facts)
    judged, left_out = read(HERE / "judged.json"), facts.pop("not_judged", [])
    numbers = ("kept", "failed", "not_judged", "not_asked")
    counts = {level: dict.fromkeys(numbers, 0) for level in ("must", "should")}
    failures = []
    for case in found["cases"]:
        if case["level"] not in counts or not case["case"].startswith("h1/"):
            continue
        count, rule = counts[case["level"]], judged.get(case["case"])
        if case["status"] == "pass":
            count["kept"] += 1
        elif case["status"] == "not-applicable":
            count["not_asked"] += 1
        elif case["level"] == "must" and rule and rule not in left_out and is_about(case):
            count["failed"] += 1
            kept = {key: case[key] for key in ("case", "title", "observed")}
            kept |= {key: cut(case[key]) for key in ("sent", "received")}
            failures.append({**kept, "rule": rule})
        else:
            count["not_judged"] += 1
    made_by = {key: found[key] for key in ("tool", "spec_digest")}
    record = {**facts, **made_by, "counts": counts, "failures": failures}
    SERVERS.mkdir(exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (SERVERS / f"{facts['id']}.json").write_text(text, encoding="utf-8")


def row(server):
    must, should = server["counts"]["must"], server["counts"]["should"]
    name = f"[{server['name']}](#{server['id']})"
    numbers = [must[key] for key in ("kept", "failed", "not_judged", "not_asked")]
    numbers += [should[key] for key in ("kept", "not_judged")]
    return f"| {name} | {server['version']} | " + " | ".join(map(str, numbers)) + " |"


def lines_of(text):
    """The bytes in lines, as `conform` prints them."""
    return text.replace("\\n", "\\n\n").rstrip("\n")


def bytes_of(failure):
    head = f"<code>{failure['case']}</code>: {html.escape(failure['title'], quote=False)}"
    text = [f"<details><summary>{head}: <b>{failure['observed']}</b></summary>", ""]
    for heading, part in (("sent", failure["sent"]), ("received", failure["received"])):
        text += [f"{heading}:", "", "```text", lines_of(part or "(nothing)"), "```", ""]
    return [*text, "</details>", ""]


def section(server, rules):
    title = f'### <a id="{server["id"]}"></a>{server["name"]} {server["version"]}'
    text = [title, "", server["configuration"], ""]
    by_rule = {}
    for failure in server["failures"]:
        by_rule.setdefault(failure["rule"], []).append(failure)
    if not by_rule:
        text += ["No failure that was judged.", ""]
    for rule, failures in by_rule.items():
        text += [f"**{rules[rule][0]}** - {rules[rule][1]}", ""]
        for failure in failures:
            text += bytes_of(failure)
    return text


def render():
    rules = read(HERE / "rules.json")
    servers = [read(path) for path in sorted(SERVERS.glob("*.json"))]
    servers.sort(key=lambda one: (one["counts"]["must"]["failed"], one["name"].lower()))
    text = (HERE / "introduction.md").read_text(encoding="utf-8").rstrip("\n").split("\n")
    must = [f"MUST {what}" for what in ("kept", "failed", "not judged", "not asked")]
    heads = ["server", "version", *must, "SHOULD kept", "SHOULD not judged"]
    text += ["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    text += [*map(row, servers), "", "## Server by server", ""]
    for server in servers:
        text += section(server, rules)
    digests = sorted({f"{server['tool']}, spec {server['spec_digest'][:12]}" for server in servers})
    text += [f"Asked with {'; '.join(digests)}."]
    (HERE.parent / "leaderboard.md").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["collect", verdicts, facts]:
            collect(verdicts, facts)
        case ["render"]:
            render()
        case _:
            sys.exit(__doc__)
