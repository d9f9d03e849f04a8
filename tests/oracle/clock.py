"""The clock of a zone, from the newest zone data of PyPI alone: Python's zoneinfo reads what the
package tzdata brings and not what the machine has.

A line `instants, zone, wall…` gives seconds since 1970, a line `walls, zone, second…` wall clocks, and
a line `changes, zone, from, to` every change of the offset in between. A wall clock that is skipped is
read with the offset from before, one shown twice means the first (RFC 5545 3.3.5).
"""
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

zoneinfo.reset_tzpath(to=[])
FORM = "%Y%m%dT%H%M%S"
EPOCH = datetime(1970, 1, 1)
DAY = 86_400


def clock(zone):
    return timezone.utc if zone == "-" else zoneinfo.ZoneInfo(zone)


def instants(zone, walls):
    zone = clock(zone)
    for wall in walls:
        local = datetime.strptime(wall, FORM)
        yield int((local - local.replace(tzinfo=zone).utcoffset() - EPOCH).total_seconds())


def walls(zone, seconds):
    zone = clock(zone)
    for second in seconds:
        yield (EPOCH + timedelta(seconds=int(second)) + offset(zone, int(second))).strftime(FORM)


def offset(zone, second):
    return datetime.fromtimestamp(second, zone).utcoffset()


def changes(zone, bounds):
    """Looks once a day and halves the days that differ: no zone changes and changes back in one."""
    begin, end = map(int, bounds)
    try:
        zone = clock(zone)
    except Exception:
        # The package lists the names; one that it cannot open is its own affair, and a difference.
        yield "unknown"
        return
    last = offset(zone, begin)
    yield f"{begin}:{int(last.total_seconds())}"
    for day in range(begin, end, DAY):
        low, high = day, min(day + DAY, end)
        while offset(zone, high) != last:
            before, after = low, high
            while after - before > 1:
                middle = (before + after) // 2
                if offset(zone, middle) == last:
                    before = middle
                else:
                    after = middle
            low, last = after, offset(zone, after)
            yield f"{after}:{int(last.total_seconds())}"


ASK = {"instants": instants, "walls": walls, "changes": changes}

if sys.argv[1:] == ["names"]:
    import tzdata

    print(tzdata.IANA_VERSION, *sorted(zoneinfo.available_timezones()))
    sys.exit()
for line in sys.stdin:
    kind, zone, *rest = line.rstrip("\n").split("\t")
    try:
        words = rest[0].split() if rest else []
        answer = " ".join(map(str, ASK[kind](zone, words)))
    except Exception as error:
        answer = "!" + " ".join(str(error).split())
    print(answer, flush=True)
