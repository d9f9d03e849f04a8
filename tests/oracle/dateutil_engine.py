"""python-dateutil as an engine: a line `start, rule, from, to, limit` in, the hits in between out.

Everything is on one wall clock without zones; `cargo xtask oracle` says what the hits mean in a zone.
"""
import sys
from datetime import datetime
from dateutil.rrule import rrulestr

FORM = "%Y%m%dT%H%M%S"


def hits(start, rule, begin, end, limit):
    begin, end = datetime.strptime(begin, FORM), datetime.strptime(end, FORM)
    found = []
    for at in rrulestr(rule, dtstart=datetime.strptime(start, FORM)):
        if at >= end or len(found) == int(limit):
            break
        if at >= begin:
            found.append(at.strftime(FORM))
    return " ".join(found)


for line in sys.stdin:
    try:
        answer = hits(*line.rstrip("\n").split("\t"))
    except Exception as error:  # whatever the engine says of a rule is its answer
        answer = "!" + " ".join(str(error).split())
    print(answer, flush=True)
