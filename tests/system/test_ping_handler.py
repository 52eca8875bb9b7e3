"""turbo-ping-handler alone: bandwidth allocator and client_main are doubles, the cloud is this machine's loopback."""
import contextlib
import shlex
import socket
import subprocess

import pytest

from doubles import Asker
from garbage import bombard, shout
from processes import Setup
from sandbox import PROGRAMS, wait_for

pytestmark = pytest.mark.programs("ping-handler")


def may_ping(family, protocol):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        with contextlib.suppress(OSError):
            socket.socket(family, kind, protocol).close()
            return True
    return False


def has_ipv6_loopback():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
        return True
    return False


needs_ping = pytest.mark.skipif(not may_ping(socket.AF_INET, socket.IPPROTO_ICMP), reason=(
    "this kernel allows this user neither datagram nor raw ICMP sockets: sysctl net.ipv4.ping_group_range, or root"))


def rtt_ms(asker):
    return float(asker.one("ping"))


@needs_ping
@pytest.mark.parametrize("address, argument", [("127.0.0.1", None), ("::1", None), ("localhost", None),
                                               ("192.0.2.1", "127.0.0.1:4433"), ("192.0.2.1", "[::1]:4433")])
def test_the_loopback_answers_in_milliseconds(sandbox, address, argument):
    if "::1" in (argument or address) and not has_ipv6_loopback():
        pytest.skip("this machine has no IPv6 loopback")
    setup = Setup(sandbox, client={"ping_handler_config": {"dst_ip": address}})
    process = setup.start("ping-handler", *(["--server", argument] if argument else []))
    asker = Asker(sandbox, sandbox.endpoint("ping-handler"))
    wait_for(lambda: 0 < rtt_ms(asker) < 500, "a ping comes back", watch=[process])
    text = asker.one("ping").decode()
    assert text.count(".") <= 1 and text.replace(".", "").isdigit()  # plain decimal
    assert setup.stop("ping-handler", process) == 0


@pytest.mark.parametrize("address", ["nobody.invalid", "255.255.255.255", "not an address at all", "ff02::1"])
def test_without_an_answer_a_ping_counts_as_a_second(sandbox, address):
    setup = Setup(sandbox, client={"ping_handler_config": {"dst_ip": address}})
    process = setup.start("ping-handler")
    asker = Asker(sandbox, sandbox.endpoint("ping-handler"))
    wait_for(lambda: rtt_ms(asker) == 1000, "the ping counts as lost", watch=[process])
    process.wait_for_log("warning")  # it says why
    assert setup.stop("ping-handler", process) == 0


# One network namespace; 192.0.2.1 is its own, and is reached from whichever of its addresses the route names.
NETWORK = """ip link set lo up && ip address add 192.0.2.1 dev lo
ip address add 198.51.100.1 dev lo && ip route replace local 192.0.2.1 dev lo table local src 198.51.100.1"""
OTHER_NETWORK = """ip address del 198.51.100.1/32 dev lo; ip address add 198.51.100.2 dev lo
ip route replace local 192.0.2.1 dev lo table local src 198.51.100.2"""
needs_namespaces = pytest.mark.skipif(
    subprocess.run(["unshare", "-rn", "sh", "-c", NETWORK], capture_output=True).returncode != 0,
    reason="this machine allows no network namespaces")


@needs_namespaces
def test_it_follows_a_change_of_network(sandbox):
    setup = Setup(sandbox, client={"ping_handler_config": {"dst_ip": "192.0.2.1"}})
    command = [str(PROGRAMS / "turbo-ping-handler"), *setup.arguments("ping-handler")]
    process = sandbox.start_command("ping-handler", ["unshare", "-rn", "sh", "-c",
                                                     f"{NETWORK}\nexec {shlex.join(command)}"])
    process.wait_for_log("answers pings")
    subprocess.run(["nsenter", "-t", str(process.pid), "-U", "-n", "--preserve-credentials", "sh", "-c", OTHER_NETWORK],
                   check=True)
    process.wait_for_log("warning")  # the address that the socket began with is gone
    process.wait_for_log("answers pings", 2)  # from the new one
    assert rtt_ms(Asker(sandbox, sandbox.endpoint("ping-handler"))) < 1000
    assert process.stop() == 0


def test_garbage(sandbox):
    setup = Setup(sandbox)
    process = setup.start("ping-handler")
    asker = bombard(sandbox, sandbox.endpoint("ping-handler"), b"ping")
    for wrong in (["PING"], ["ping", ""], ["ping", "ping"], ["ping\0"], [""]):
        assert asker.one(*wrong).startswith(b"ERROR: ")
    shout(sandbox, sandbox.endpoint("ping-handler-kill-switch"), b"ABORT")
    assert rtt_ms(asker) >= 0
    assert setup.stop("ping-handler", process) == 0
