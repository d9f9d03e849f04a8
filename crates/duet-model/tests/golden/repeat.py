#!/usr/bin/env python3
"""Writes repeat.txt: random repetition rules and what python-dateutil makes of them.

Run once by hand, with python-dateutil 2.9: `python3 repeat.py > repeat.txt`. The tests read only the
text, so nobody needs Python to run them. One case a line: start | rule | from | to | hits.
"""
import random
from datetime import datetime, timedelta
from dateutil.rrule import rrulestr

random.seed(20261122)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(values, most):
    return sorted(random.sample(list(values), random.randint(1, most)))


def signed(top, most):
    return some([n for n in range(-top, top + 1) if n], most)


def part(name, values):
    return f";{name}=" + ",".join(str(v) for v in values)


def rule():
    freq = random.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
    text = f"FREQ={freq}"
    if random.random() < 0.5:
        text += f";INTERVAL={random.randint(2, 7)}"
    if random.random() < 0.3:
        text += part("BYMONTH", some(range(1, 13), 4))
    week = freq == "YEARLY" and random.random() < 0.3
    if week:
        text += part("BYWEEKNO", signed(53, 3))
    if freq == "YEARLY" and not week and random.random() < 0.2:
        text += part("BYYEARDAY", signed(366, 5))
    if freq != "WEEKLY" and not week and random.random() < 0.3:
        text += part("BYMONTHDAY", signed(31, 4))
    if random.random() < 0.5:
        days = some(DAYS, 3)
        if freq in ("MONTHLY", "YEARLY") and not week and random.random() < 0.6:
            days = [f"{random.choice([1, 2, 3, 4, 5, -1, -2])}{d}" for d in days]
        text += part("BYDAY", days)
    if random.random() < 0.2:
        text += part("BYHOUR", some(range(24), 3))
    if random.random() < 0.1:
        text += part("BYMINUTE", some(range(60), 2))
    if "BYDAY" in text and random.random() < 0.3:
        text += part("BYSETPOS", signed(3, 2))
    if random.random() < 0.3:
        text += ";WKST=" + random.choice(DAYS)
    return text


def stamp(at):
    return at.strftime("%Y%m%dT%H%M%S")


made = 0
while made < 600:
    start = datetime(2015, 1, 1) + timedelta(minutes=15 * random.randrange(4 * 24 * 365 * 10))
    text = rule()
    end = random.random()
    if end < 0.3:
        text += f";COUNT={random.randint(1, 400)}"
    elif end < 0.5:
        text += ";UNTIL=" + stamp(start + timedelta(days=random.randrange(5000)))
    first = start + timedelta(days=random.randrange(-100, 4200))
    last = first + timedelta(days=random.randrange(1, 120))
    hits = rrulestr(text, dtstart=start).between(first, last, inc=True)
    # Most windows of rare rules are empty; a few of them are enough.
    if not hits and random.random() < 0.8:
        continue
    if len(hits) > 40:
        continue
    print("|".join([stamp(start), text, stamp(first), stamp(last), ",".join(map(stamp, hits))]))
    made += 1
