"""Real processes of build/release/bin; their peers are test doubles that speak over the real sockets and regions from
Python. TURBO_PROGRAMS names another folder of programs.
"""
import pathlib
import signal
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True
# A shell lets what it runs in the background ignore Ctrl-C, and every child with it: tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GENERATED = ROOT / "build/schema-python"

subprocess.run(["flatc", "--python", "-o", GENERATED, ROOT / "schema/messages.fbs"], check=True)
sys.path[:0] = [str(GENERATED), str(HERE)]

from sandbox import PROGRAMS, Sandbox  # noqa: E402  (needs the path)


def pytest_configure(config):
    config.addinivalue_line("markers", "programs(*names): programs of build/release/bin that the test starts")


@pytest.fixture(autouse=True)
def _built(request):
    for mark in request.node.iter_markers("programs"):
        for name in mark.args:
            assert (PROGRAMS / f"turbo-{name}").exists(), f"turbo-{name} is not in {PROGRAMS}: ./dev build"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([PROGRAMS / "turbo-certs", "local", "--folder", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().failed:
        item.failed = True


@pytest.fixture
def sandbox(tmp_path, certificates, request):
    box = Sandbox(tmp_path, certificates)
    yield box
    box.close()
    if box.errors:
        raise box.errors[0]
    if getattr(request.node, "failed", False):
        for process in box.processes:
            print(f"---- {process.name} (status {process.popen.returncode})\n{process.log()}")
