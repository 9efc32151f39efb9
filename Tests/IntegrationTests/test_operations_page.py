"""docs/operations.md and the programs agree, in both directions: flags and their defaults,
environment variables, metrics and their labels."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from packd_testing.daemon import REPOSITORY, find_binary

sys.path.insert(0, str(Path(__file__).with_name("packctl")))
from client import packctl  # noqa: E402

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
TEXTS = {"README.md": (REPOSITORY / "README.md").read_text(encoding="utf-8")} | {
    f"docs/{path.name}": path.read_text(encoding="utf-8")
    for path in sorted((REPOSITORY / "docs").glob("*.md"))}
# Every command has them, and says so itself.
COMMON = {"--help", "--version"}
# Of the tools that the pages show beside ours.
FOREIGN = {
    "--data", "--go-grpc_out", "--go_out", "--header", "--http2-prior-knowledge", "--list",
    "--peers", "--protocol", "--write"}
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def tables(kind):
    """The rows of the tables whose first column is of this kind, without backticks' marks."""
    rows, inside = [], False
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == kind:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            rows.append(cells)
    assert rows, f"no table of {kind}"
    return rows


def documented(*kinds):
    """Flags and their defaults, as the tables have them."""
    found = {}
    for row in (row for kind in kinds for row in tables(kind)):
        for name in re.findall(r"`(?:--)?([a-z0-9-]+)`", row[0]):
            assert f"--{name}" not in found, f"--{name} stands there twice"
            found[f"--{name}"] = default(row[1])
    return found


def default(text):
    """As a number where it is one."""
    text = text.replace("`", "").strip()
    amount = re.fullmatch(r"([0-9][0-9,]*)(?: ([KMG]iB))?", text)
    if amount is None:
        return text
    return int(amount[1].replace(",", "")) * UNITS.get(amount[2], 1)


def commands(binary):
    """Every command of a program, with its flags and their defaults, as it helps itself."""
    dump = subprocess.run(
        [binary, "--experimental-dump-help"], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=True, timeout=10).stdout
    found = {}

    def walk(command, path):
        path = [*path, command["commandName"]]
        found[" ".join(path[1:])] = flags(command.get("arguments", []))
        for inner in command.get("subcommands", []):
            walk(inner, path)

    walk(json.loads(dump)["command"], [])
    return found


def flags(arguments):
    found = {}
    for argument in arguments:
        names = [f"--{one['name']}" for one in argument.get("names", []) if one["kind"] == "long"]
        text = argument.get("abstract") or ""
        told = re.search(r"\(default: (.*)\)$", text)
        value = told[1] if told else argument.get("defaultValue", "")
        for name in names:
            if argument["kind"] != "flag":
                found[name] = default(value)
            elif value in ("", name):
                found[name] = "on" if value else "off"
            elif value == f"--no-{name[2:]}":
                found[name] = "off"
            else:
                # The other name of a flag that has two.
                assert name.startswith("--no-") and value in (name, f"--{name[5:]}"), (name, value)
    return {name: value for name, value in found.items() if name not in COMMON}


PACKD = commands(str(find_binary()))
PACKCTL = commands(packctl())


def all_flags():
    """With the second names of those that have two."""
    found = set(COMMON)
    for command in (*PACKD.values(), *PACKCTL.values()):
        found |= set(command) | {f"--no-{name[2:]}" for name in command}
    return found


def test_the_settings_of_serve_stand_there_with_their_defaults():
    assert documented("setting", "limit") == {
        name: value for name, value in PACKD["serve"].items() if not name.startswith("--no-")}
    assert PACKD["check-config"] == PACKD["serve"]


def test_the_flags_of_token_stand_there_with_their_defaults():
    assert documented("of `token`") == PACKD["token"]


def test_the_flags_of_packctl_stand_there_with_their_defaults():
    merged = {}
    for command in PACKCTL.values():
        for name, value in command.items():
            assert merged.setdefault(name, value) == value
    assert documented("of `packctl`") == merged


def test_every_command_stands_there():
    for program, found in (("packd", PACKD), ("packctl", PACKCTL)):
        for name in found:
            is_leaf = not any(other.startswith(f"{name} ") for other in found)
            if name and name != "help" and is_leaf:
                assert re.search(rf"^    {program} {name}\b", PAGE, re.M), f"{program} {name}"


@pytest.mark.parametrize("name", TEXTS)
def test_every_flag_that_is_named_exists(name):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9_-]+", TEXTS[name]))
    assert named - all_flags() - FOREIGN == set()


# MARK: The environment


def variables():
    """Those that the sources ask for by name, and those of the settings."""
    found = {f"PACKD_{name[2:].upper().replace('-', '_')}" for name in PACKD["serve"]}
    for room in ("packd", "packctl"):
        for path in (REPOSITORY / "Sources" / room).rglob("*.swift"):
            text = path.read_text(encoding="utf-8")
            found |= set(re.findall(r'environment\["([A-Z_]+)"\]', text))
            found |= {f"PACKCTL_{name}" for name in re.findall(r'setting\(\w+, "([A-Z_]+)"\)', text)}
    return found


def test_every_variable_that_is_asked_for_stands_there():
    # Those of the settings follow from a rule, which an example shows.
    asked = {name for name in variables() if not name.startswith("PACKD_")}
    assert {name for name in asked if not re.search(rf"\b{name}\b", PAGE)} == set()


@pytest.mark.parametrize("name", TEXTS)
def test_every_variable_that_is_named_exists(name):
    named = set(re.findall(r"\bPACK(?:D|CTL)_[A-Z_]+\b", TEXTS[name]))
    # The token that the pages' own examples call with.
    assert named - variables() - {"PACKD_TOKEN"} == set()


# MARK: Metrics


@pytest.fixture
def served(own_daemon):
    """Names and labels, those of a daemon with everything that can be measured."""
    own_daemon.options = ["--mailer", f"directory:{own_daemon.folder / 'mails'}"]
    own_daemon.start()
    with own_daemon.channel() as channel:
        channel.unary_unary("/packd.v1.CatalogueService/Nope").future(b"").exception(5)

    def read():
        url = f"http://127.0.0.1:{own_daemon.admin_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read().decode("utf-8")

    # A reason is counted when it has come up: that of the call's connection, soon.
    text = read()
    while "packd_connections_closed_total{" not in text:
        text = read()
    found = {name: set() for name in re.findall(r"^# TYPE (\S+) ", text, re.M)}
    for sample, labels in re.findall(r"^([a-z_]+)(?:\{(.*)\})? ", text, re.M):
        name = sample if sample in found else re.sub(r"_(bucket|sum|count)$", "", sample)
        found[name] |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    own_daemon.stop()
    return found


def test_the_metrics_stand_there_with_their_labels(served):
    told = {}
    for row in tables("metric"):
        names = re.findall(r"`([a-z_…]+)`", row[0])
        # "…_sent_total" is the first one with another end of as many words.
        stem = names[0].split("_")
        for name in names:
            rest = name.removeprefix("…_").split("_")
            name = name if "…" not in name else "_".join([*stem[:-len(rest)], *rest])
            assert name not in told, f"{name} stands there twice"
            told[name] = set(re.findall(r"`(\w+)`", row[1]))
    assert told == served
