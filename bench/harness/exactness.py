"""On how many problems the exact allocation has CBC's optimum."""
import json
import subprocess

from harness import PROGRAMS, report
from harness.stage import Trouble

NAME, TITLE = "exactness", "Exactness"
TEST = PROGRAMS.parent / "test/turbo-cbc-test"


def measure(context):
    path = context.folder("exactness") / "result.json"
    which = "All/AgainstCbc.*" + ("/floors" if context.quick else "")
    done = subprocess.run([str(TEST), f"--gtest_filter={which}", f"--gtest_output=json:{path}"],
                          capture_output=True, text=True)
    if not path.exists():
        raise Trouble(f"{TEST.name} wrote no result: {done.stderr.strip()[-200:]}")
    tests = [test for suite in json.loads(path.read_text())["testsuites"] for test in suite["testsuite"]]
    turns = [sum(int(test[key]) for test in tests if key in test) for key in ("problems_in_turns", "of_them_differ")]
    rows = [{"kind": test["name"].rsplit("/", 1)[1], "problems": int(test["instances"]), "tried": int(test["decided_by_trying_all"]), "passed": "failures" not in test}
            for test in tests if "instances" in test]
    return {"rows": rows, "turns": turns, "passed": done.returncode == 0}


def table(data):
    rows = [[row["kind"], row["problems"], row["problems"] - row["tried"], row["tried"], "yes" if row["passed"] else "no"]
            for row in data["rows"]]
    rows.append(["all", *(sum(row[at] for row in rows) for at in (1, 2, 3)), "yes" if data["passed"] else "no"])
    return ("One to four services with up to nine configurations each, by seed, against CBC through its C interface "
            "(turbo-cbc-test, a part of ./dev test). Equal: the sums of utility differ by at most 1e-9. Where they differ "
            "more, every combination is tried in long double, with the tolerance that allocator.h states, and ours has to be the best "
            "of them: needs of next to nothing, at a bandwidth of next to nothing, are within it, and are a lot to "
            "CBC.\n\n" +
            report.table(["kind of problem", "problems", "equal", "decided by trying all", "ours right on all"], rows) +
            f"\nThe same kinds, smaller, with frame rates of 0.5, 1 and 2 a second beside the cameras' 10, so that services may "
            f"take turns (all that do at one rate: exact.h): {data['turns'][0]} problems, each also by trying every combination; "
            f"CBC differs by more than 1e-9 on {data['turns'][1]} of them.\n")
