"""How soon the cloud answers again after the vehicle's address has changed, and after an outage."""
import time

from harness import report
from harness.road import Road
from harness.spread import spread, text
from harness.stage import OTHER_VEHICLE_ADDRESS, VEHICLE_ADDRESS, Trouble

NAME, TITLE = "handover", "Handover and outage"
RATE_MBPS, RTT_MS, FRAME_BYTES, INTERVALS_MS, SERVER_MS = 25, 50, 20_000, (50,), 10
BEFORE_S, OUTAGE_S, AFTER_S = 3.0, 5.0, 8.0


def first_answer_ms(result, event_ns):
    """After the event, of a frame that was handed over after it. None: there was none."""
    answers = [frame["answered_ns"] for frame in result["frames"] if frame["handed_ns"] >= event_ns and frame["answered_ns"]]
    return (min(answers) - event_ns) / 1e6 if answers else None


def change_address(road):
    vehicle = road.link.vehicle
    event = time.monotonic_ns()
    vehicle.run("sh", "-c", f"ip addr del {VEHICLE_ADDRESS}/24 dev turbo-vehicle && "
                            f"ip addr add {OTHER_VEHICLE_ADDRESS}/24 dev turbo-vehicle")
    return event


def cut_link(road):
    """At the cloud's end, so that the vehicle sees nothing but silence."""
    road.link.cloud.run("ip", "link", "set", "turbo-cloud", "down")
    return time.monotonic_ns()


def mend_link(road):
    road.link.cloud.run("ip", "link", "set", "turbo-cloud", "up")
    return time.monotonic_ns()


def roads(context, stage, seconds):
    """All repeats at the same time, each over a link of its own."""
    made = [Road(context, stage, {"rate_mbps": RATE_MBPS, "rtt_ms": RTT_MS, "seed": repeat + 1}, {}, FRAME_BYTES,
                 INTERVALS_MS, SERVER_MS, slo_ms=150, seconds=seconds) for repeat in range(context.repeats)]
    for road in made:
        road.begin()
    time.sleep(BEFORE_S)
    return made


def run(context, name, seconds, events):
    """The time to the first answer after the last of the events, for each repeat."""
    context.say(f"{name}, {context.repeats} roads at the same time")
    times = []
    with context.stage() as stage:
        for road in (made := roads(context, stage, BEFORE_S + seconds)):
            road.event_ns = events[0](road)
        for event in events[1:]:
            time.sleep(OUTAGE_S)
            for road in made:
                road.event_ns = event(road)
        time.sleep(AFTER_S)
        for road in made:
            try:
                times.append(first_answer_ms(road.finish(), road.event_ns))
            except Trouble as trouble:
                context.say(f"{name}: {trouble}")
                times.append(None)
    return {"first_answer_ms": spread(times), "failed": times.count(None)}


def measure(context):
    return {"handover": run(context, "handover", AFTER_S, [change_address]),
            "outage": run(context, "outage", OUTAGE_S + AFTER_S, [cut_link, mend_link])}


def table(data):
    rows = [[what, text(data[name]["first_answer_ms"], 0),
             data[name]["first_answer_ms"] and f"{data[name]['first_answer_ms']['max']:.0f}", data[name]["failed"]]
            for name, what in (("handover", "another address on the vehicle's device"),
                               ("outage", f"after {OUTAGE_S:.0f} s without the link"))]
    return (f"{RATE_MBPS} Mbit/s, {RTT_MS} ms RTT, three services with a frame every {INTERVALS_MS[0]} ms (one of them every "
            f"{INTERVALS_MS[0] / 3:.0f} ms), a server that answers after {SERVER_MS} ms: {RTT_MS + SERVER_MS} ms and the "
            "transmission are the least there can be. From the change, or from the end of the outage, to the first answer "
            "of a frame handed over after it, in ms.\n\n" +
            report.table(["", "median (least to most)", "worst", f"no answer within {AFTER_S:.0f} s"], rows))
