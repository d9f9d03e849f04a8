//! `World::hostile`: text that attacks whoever shows it, in every field that carries text. Owns the
//! payloads, so that the window's tests can look for them.

use chrono::{Days, NaiveDate};

use crate::{
    event::EventSpec,
    world::{AccessRole, World},
};

const EMAIL: &str = "ana@example.com";

impl World {
    /// One account whose calendars, titles, descriptions, places and guests carry the sixty payloads
    /// of `World::hostile_payloads`, an hour each from 2026-11-23 on, twelve a day.
    pub fn hostile() -> World {
        World::hostile_around(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default())
    }

    /// The same, beginning on a day of one's choice.
    pub fn hostile_around(first: NaiveDate) -> World {
        let start = first.and_hms_opt(9, 40, 0).unwrap_or_default().and_utc();
        let mut world = World::empty(start, 60);
        world.add_account(EMAIL, "<img src=x onerror=alert(1)>", "Europe/Berlin");
        for (index, payload) in World::hostile_payloads().into_iter().enumerate() {
            let number = index as u64;
            let calendar = if index % 3 == 0 {
                let id = format!("c_hostile_{index}@group.calendar.google.com");
                world.add_calendar(&id, &payload, "Europe/Berlin");
                let listed = world.list_calendar(EMAIL, &id, AccessRole::Owner, true);
                debug_assert_eq!(listed, Ok(()), "the account was added first");
                id
            } else {
                EMAIL.to_owned()
            };
            let hour = u32::try_from(7 + number % 12).unwrap_or(7);
            let day = first + Days::new(number / 12);
            let wall = day.and_hms_opt(hour, 0, 0).unwrap_or_default();
            let spec = EventSpec::at(&payload, "Europe/Berlin", wall, 60)
                .description(&payload)
                .location(&payload)
                .guest("guest@example.com", &payload, "accepted")
                .organizer("organizer@example.com", &payload);
            let added = world.add_event(&calendar, spec);
            debug_assert!(added.is_ok(), "the calendar was just made: {added:?}");
        }
        world
    }

    /// The sixty payloads, in the order their events begin.
    pub fn hostile_payloads() -> Vec<String> {
        let mut payloads: Vec<String> = FIXED.iter().map(|text| (*text).to_owned()).collect();
        payloads.push("A".repeat(20_000));
        payloads.push("Z̷̧̡".repeat(300));
        payloads.push(format!("{}x{}", "<b>".repeat(500), "</b>".repeat(500)));
        payloads.push(" ".repeat(400));
        payloads
    }
}

const FIXED: [&str; 56] = [
    // Markup that runs a script.
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<body onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">click</a>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:9/\">",
    "<form action=http://127.0.0.1:9/><button>go</button></form>",
    "<object data=\"data:text/html,<script>alert(1)</script>\"></object>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<ScRiPt >alert(1)</ScRiPt>",
    "javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "<!--<script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
    // Templates, formats and shells.
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%s%s%s%n%x",
    "{0}{1}{name}",
    "$(touch /tmp/duet-pwned)",
    "`touch /tmp/duet-pwned`",
    "; rm -rf ~ #",
    "=HYPERLINK(\"http://127.0.0.1:9/\",\"x\")",
    // Databases.
    "'); DROP TABLE events;--",
    "' OR '1'='1",
    "Robert\"); DELETE FROM external_calendars; --",
    "%_\\%\\_",
    "x' UNION SELECT sql FROM sqlite_master--",
    // Text that deceives or breaks layout.
    "\u{202e}gnp.exe\u{202c} invoice",
    "\u{2066}\u{202e}desrever\u{2069}",
    "a\u{0}b\u{1}c\u{7}d\u{1b}[31me\u{7f}",
    "line one\nline two\r\nline three\ttab",
    "zero\u{200b}width\u{200d}joined\u{feff}",
    "👩‍👩‍👧‍👦👨🏿‍🚀🏴‍☠️🇩🇪e\u{301}",
    "مرحبا بالعالم שלום 你好 สวัสดี",
    "ﷺ﷽𒐫𒈙⸻",
    "NULL",
    "../../../../etc/passwd",
    "C:\\Windows\\System32\\..\\..\\x",
];
