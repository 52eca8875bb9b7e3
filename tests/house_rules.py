#!/usr/bin/env python3
"""The rules of the house that a program can check: which room may use which, who sees third-party headers, sizes.

Prints one line a breach and exits 1 if there is any.
"""
import pathlib
import re
import subprocess
import sys

# What each room may include; itself always. Vehicle, cloud and lab never each other.
MAY_USE = {
    "core": set(),
    "transport": {"core", "schema"},
    "inference": {"core"},
    "process": {"core", "schema", "transport"},
    "scene": {"core"},
    "parquet": {"core"},
    "evaluation": {"core", "parquet"},
    "vehicle": {"core", "schema", "transport", "inference", "process", "scene", "evaluation"},
    "cloud": {"core", "schema", "transport", "inference", "process"},
    "lab": {"core", "schema", "transport", "inference", "process", "scene", "parquet", "evaluation"},
}
ROOMS = set(MAY_USE) | {"schema"}
THIRD_PARTY = re.compile(
    r"<(zmq|ngtcp2/|gnutls/|onnxruntime|opencv2/|yaml-cpp/|spdlog/|CLI/|boost/|flatbuffers/|turbojpeg|png\.h|cairo|nlohmann/|duckdb|coin/)")
FORBIDDEN_FOLDERS = {"util", "utils", "common", "misc", "helpers"}
MAX_LINES = 400
IMPURE = re.compile(r"<(unistd|fcntl|sys/|thread|mutex|condition_variable|fstream)")


def breaches():
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src", "schema"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    texts = {}
    for name in names:
        path = pathlib.Path(name)
        if FORBIDDEN_FOLDERS & set(path.parts):
            yield f"{name}: no folder is called {'/'.join(FORBIDDEN_FOLDERS & set(path.parts))} here"
        if path.suffix in (".cc", ".h") and path.exists():
            texts[name] = path.read_text().splitlines()
    # Headers inside one adapter: they show third-party names, so nobody outside their folder may include them.
    inner = {name for name, lines in texts.items()
             if name.endswith(".h") and any(THIRD_PARTY.match(line.removeprefix("#include ")) for line in lines)}
    for name, lines in texts.items():
        path = pathlib.Path(name)
        if len(lines) > MAX_LINES and not lines[0].startswith("// Long because"):
            yield f"{name}: {len(lines)} lines; above {MAX_LINES} the first line says why (// Long because ...)"
        room = path.parts[1] if path.parts[0] == "src" else "schema"
        for number, line in enumerate(lines, 1):
            include = re.match(r'#include (["<].*[">])', line)
            if not include:
                continue
            target = include[1]
            header = f"src/{target.strip(chr(34))}"
            if header in inner and pathlib.Path(header).parent != path.parent:
                yield f"{name}:{number}: {header} shows third-party names: only its own folder includes it"
            if room == "core" and "_test" not in name and (THIRD_PARTY.match(target) or IMPURE.match(target)):
                yield f"{name}:{number}: core is pure: no descriptor, thread, file or third-party header"
            used = target.strip('"').split("/")[0] if target.startswith('"') else None
            if used in ROOMS and used != room and used not in MAY_USE.get(room, ROOMS):
                yield f"{name}:{number}: {room} must not use {used}"


def main():
    found = list(breaches())
    print("\n".join(found) or "house rules: kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
