#!/bin/sh
# Prints the line coverage of each room, from the last `swift test --enable-code-coverage`.
set -eu
cd "$(dirname "$0")/.."
json=$(swift test --show-codecov-path)
[ -f "$json" ] || { echo "coverage: no report at $json" >&2; exit 1; }
/usr/bin/python3 - "$json" "$PWD/Sources/" <<'PY'
import collections, json, sys
report, root = sys.argv[1:]
rooms = collections.defaultdict(lambda: [0, 0])
for file in json.load(open(report))["data"][0]["files"]:
    if file["filename"].startswith(root):
        lines = file["summary"]["lines"]
        for room in (file["filename"][len(root):].split("/")[0], "in all"):
            rooms[room][0] += lines["covered"]
            rooms[room][1] += lines["count"]
print("line coverage")
for room, (covered, count) in sorted(rooms.items()):
    print(f"  {room:15} {100 * covered / max(count, 1):5.1f} %  of {count} lines")
PY
