"""Events written by Duet, read through Google's own client library for Python, and the other way round.

Starts the sandbox, connects an account with Duet's command line, writes events of every kind with it,
and compares what google-api-python-client reads with what Duet says of them. Occurrences are counted by
python-dateutil. Then the library changes something, and Duet has to hear of it.

usage: google_client.py DUET SANDBOX      (the two programs; `cargo xtask interop` builds and names them)
"""

import html
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

ANA = "ana@example.com"
SCOPES = [
    "https://www.googleapis.com/auth/calendar.readonly",
    "https://www.googleapis.com/auth/calendar.events",
]
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = "America/New_York"
HOSTILE = "<img src=x onerror=alert(1)> \u202e\"quoted\" \\ & ünï 🎶"


class Duet:
    """Duet's command line, on a data folder of its own."""

    def __init__(self, program, env, folder):
        self.program = program
        self.env = {
            **os.environ,
            **env,
            "DUET_DATA_DIR": folder,
            "DUET_KEYCHAIN": "sealed",
            "TOKEN_ENCRYPTION_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "TZ": "Europe/Berlin",
        }

    def run(self, *words):
        done = subprocess.run(
            [self.program, *words], env=self.env, capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            raise SystemExit(f"duet {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *words):
        return json.loads(self.run(*words, "--json"))

    def connect(self):
        """Signs in, as a person would who opens the printed address; the consent page agrees by itself."""
        words = [self.program, "connect", "--tier", "write", "--no-browser"]
        with subprocess.Popen(
            words, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            told = ""
            for line in running.stdout:
                told += line
                address = re.search(r"http://\S+", line)
                if address:
                    urllib.request.urlopen(address.group(0), timeout=30).read()
            if running.wait(timeout=60) != 0:
                raise SystemExit(f"duet connect failed:\n{told}")

    def add(self, *words):
        return self.json("events", "add", "--google", "--yes", *words)


class Differences:
    """What was compared, and what was not the same."""

    def __init__(self):
        self.compared = 0
        self.found = []

    def same(self, what, here, there):
        self.compared += 1
        if here != there:
            self.found.append(f"{what}\n    Duet:   {here!r}\n    Google: {there!r}")


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def words(description):
    """What a description says; Google takes it for markup."""
    return html.unescape(re.sub(r"<br>|</?b>", "", description))


def when_here(value):
    """A time as Duet prints it: a date, or RFC 3339."""
    return date.fromisoformat(value) if len(value) == 10 else instant(value)


def when_there(value):
    """The same of Google's."""
    return date.fromisoformat(value["date"]) if "date" in value else instant(value["dateTime"])


def occurrences(event):
    """The starts of a series as dateutil counts them on the wall clock of its zone."""
    start = event["start"]
    if "date" in start:
        first = datetime.fromisoformat(start["date"])
    else:
        first = instant(start["dateTime"]).astimezone(ZoneInfo(start["timeZone"])).replace(tzinfo=None)
    rule = rrulestr("\n".join(event["recurrence"]), dtstart=first, ignoretz=True)
    return list(rule)[:60]


def compare(differences, title, here, there):
    """One event, field by field."""
    same = lambda what, one, other: differences.same(f"{title}: {what}", one, other)
    same("title", here["title"], there.get("summary", ""))
    same("location", here["location"], there.get("location", ""))
    same("notes", here["notes"], words(there.get("description", "")))
    same("start", when_here(here["start"]), when_there(there["start"]))
    same("end", when_here(here["end"]), when_there(there["end"]))
    same("shown as free", here["transparent"], there.get("transparency") == "transparent")
    guests = {guest["email"] for guest in here["guests"]}
    invited = {guest["email"] for guest in there.get("attendees", []) if not guest.get("self")}
    same("guests", guests, invited)
    rule = [f"RRULE:{here['repeat']}"] if here["repeat"] else []
    same("repeat", rule, there.get("recurrence", []))
    private = there.get("extendedProperties", {}).get("private", {})
    same("mark", ("1", here["id"]), (private.get("duet"), private.get("duet_id")))
    reminder = here["reminder"]
    reminders = there.get("reminders", {})
    if reminder == "default":
        same("reminder", True, reminders.get("useDefault"))
    else:
        minutes = [] if reminder == "never" else [reminder["before"]]
        same("reminder", minutes, [one["minutes"] for one in reminders.get("overrides", [])])
        same("reminder of the calendar", False, reminders.get("useDefault", False))


def main(duet_program, sandbox_program):
    sandbox = subprocess.Popen(
        [sandbox_program, "--auto-consent", "--control"], stdout=subprocess.PIPE, text=True
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            told = [sandbox.stdout.readline().strip() for _ in range(6)]
            env = dict(line.split("=", 1) for line in told)
            check(Duet(duet_program, env, folder), env)
    finally:
        sandbox.terminate()
        sandbox.wait()


def library(env):
    """Google's client, pointed at the sandbox. Its description of the API comes with the package."""
    base = env["GOOGLE_CALENDAR_URL"].removesuffix("/calendar/v3")
    request = urllib.request.Request(
        f"{base}/__sandbox/grant",
        data=json.dumps({"email": ANA, "scopes": SCOPES}).encode(),
        headers={"Content-Type": "application/json"},
    )
    granted = json.load(urllib.request.urlopen(request, timeout=30))
    credentials = Credentials(
        token=None,
        refresh_token=granted["refresh_token"],
        token_uri=env["GOOGLE_TOKEN_URL"],
        client_id=env["GOOGLE_CLIENT_ID"],
        client_secret=env["GOOGLE_CLIENT_SECRET"],
    )
    return build(
        "calendar",
        "v3",
        credentials=credentials,
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": env["GOOGLE_CALENDAR_URL"] + "/"},
    )


def check(duet, env):
    duet.connect()
    duet.run("sync")
    events = library(env).events()
    day = datetime.now(BERLIN).date() + timedelta(days=7)
    at = lambda days, time: f"{day + timedelta(days=days)}T{time}"
    differences = Differences()

    made = {
        "timed": duet.add(
            "--from", at(0, "18:00"), "--to", at(0, "20:00"), "--title", "Choir",
            "--where", "Town hall", "--notes", "Bring the score.\nAnd tea.", "--remind", "15",
            "--guest", "ben@example.org", "--guest", "eva@example.net", "--notify", "all",
        ),
        "whole days": duet.add(
            "--from", str(day), "--to", str(day + timedelta(days=2)), "--title", "Fair",
            "--show-as", "free", "--remind", "never",
        ),
        "hostile": duet.add(
            "--from", at(1, "09:00"), "--to", at(1, "09:30"), "--title", HOSTILE, "--notes", HOSTILE,
        ),
        "weekly": duet.add(
            "--from", at(2, "10:00"), "--to", at(2, "11:00"), "--title", "Yoga",
            "--repeat", "FREQ=WEEKLY;COUNT=30",
        ),
        "whole days, monthly": duet.add(
            "--from", str(day), "--to", str(day), "--title", "Rent", "--repeat", "FREQ=MONTHLY;COUNT=5",
        ),
    }
    elsewhere = Duet(duet.program, {}, "")
    elsewhere.env = {**duet.env, "TZ": NEW_YORK}
    made["another zone"] = elsewhere.add(
        "--from", at(3, "08:00"), "--to", at(3, "09:00"), "--title", "Call", "--repeat", "FREQ=DAILY;COUNT=200",
    )

    def find(**query):
        listed = events.list(calendarId=ANA, maxResults=2500, **query).execute()["items"]
        return [one for one in listed if "extendedProperties" in one or "recurringEventId" in one]

    def there(event):
        mark = f"duet_id={event['id']}"
        found = [one for one in find(privateExtendedProperty=mark) if "recurringEventId" not in one]
        if len(found) != 1:
            raise SystemExit(f"{event['title']!r} is in Google {len(found)} times")
        return events.get(calendarId=ANA, eventId=found[0]["id"]).execute()

    for kind, event in made.items():
        shown = duet.json("events", "show", event["id"])
        compare(differences, kind, shown, there(event))
    call = there(made["another zone"])
    differences.same("another zone: its name", NEW_YORK, call["start"]["timeZone"])
    differences.same("another zone: occurrences", 60, len(occurrences(call)))

    # One occurrence moved, one called off, and the rest from the twentieth at another hour.
    yoga = made["weekly"]["id"]
    slot = lambda week: at(2 + 7 * week, "10:00")
    duet.run("events", "edit", yoga, "--occurrence", slot(1), "--scope", "this", "--from", at(9, "12:00"), "--to", at(9, "13:30"))
    duet.run("events", "remove", yoga, "--occurrence", slot(2), "--scope", "this", "--google")
    duet.run("events", "edit", yoga, "--occurrence", slot(20), "--scope", "following", "--from", at(2 + 140, "15:00"), "--to", at(2 + 140, "16:00"))
    expanded = events.list(
        calendarId=ANA, singleEvents=True, orderBy="startTime", maxResults=2500,
        timeMin=f"{day}T00:00:00Z", timeMax=f"{day + timedelta(days=260)}T00:00:00Z", q="Yoga",
    ).execute()["items"]
    starts = [instant(one["start"]["dateTime"]) for one in expanded]
    last = str(day + timedelta(days=260))
    agenda = duet.json("agenda", "--from", str(day), "--to", last)
    mine = [instant(one["start"]) for one in agenda if one.get("title") == "Yoga"]
    differences.same("weekly: every occurrence", mine, starts)
    differences.same("weekly: how many", 29, len(starts))
    before = there(made["weekly"])
    differences.same("weekly: the old part ends before the new one", 20, len(occurrences(before)))

    # What Google's library changes comes back, and a guest's answer with it.
    choir = there(made["timed"])
    choir["summary"] = "Rehearsal"
    choir["attendees"][0]["responseStatus"] = "accepted"
    events.update(calendarId=ANA, eventId=choir["id"], body=choir, sendUpdates="none").execute()
    duet.run("sync")
    shown = duet.json("events", "show", made["timed"]["id"])
    compare(differences, "changed there", shown, there(made["timed"]))
    answers = {guest["email"]: guest["response"] for guest in shown["guests"]}
    invited = choir["attendees"][0]["email"]
    differences.same("changed there: the answer", "accepted", answers.get(invited))

    # And what Duet changes then keeps what it does not know.
    rich = "<b>Bring</b> the score &amp; tea."
    body = {"colorId": "7", "description": rich, "extendedProperties": {"private": {"other": "kept"}}}
    events.patch(calendarId=ANA, eventId=choir["id"], body=body, sendUpdates="none").execute()
    duet.run("sync")
    duet.run("events", "edit", made["timed"]["id"], "--title", "Concert", "--notify", "none")
    concert = there(made["timed"])
    differences.same("changed back: title", "Concert", concert["summary"])
    kept = (concert.get("colorId"), concert["description"], concert["extendedProperties"]["private"].get("other"))
    differences.same("changed back: what Duet does not know", ("7", rich, "kept"), kept)

    if differences.found:
        print("\n".join(differences.found))
        raise SystemExit(f"interop: {len(differences.found)} of {differences.compared} comparisons differ")
    print(f"interop: {len(made)} events, {differences.compared} comparisons, no difference")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
