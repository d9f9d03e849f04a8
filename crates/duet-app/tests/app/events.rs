//! Events from Google to the views: drawn, judged, explained, found.

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::availability::State;
use duet_model::outbox::Notify;
use duet_model::verdict::{Keyword, Overrides, Rule, Rules, Treatment, Verdict};
use duet_sandbox::{AccessRole, Endpoint, EventSpec, Fault, FaultKind};
use duet_wire::availability::{BlockState, BusyView, When};
use duet_wire::duet_event::EventDraft;
use duet_wire::event::EventPage;
use duet_wire::find::{FindTime, PersonState};
use duet_wire::grid::BlockView;
use duet_wire::why::RulesDraft;
use serde_json::json;

use crate::duet_events::{Room, draft};
use crate::machine::{ANA, BEN, Desk};

const TEAM: &str = "c_team_berlin@group.calendar.google.com";
const FAMILY: &str = "family09712345@group.calendar.google.com";
const STUDIO: &str = "studio@example.com";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// The week of Wednesday 25 November 2026.
async fn week(duet: &duet_app::App) -> Vec<BlockView> {
    let from = duet.this_week().await.unwrap();
    duet.grid(from, 7).await.unwrap().blocks
}

fn titled<'a>(blocks: &'a [BlockView], title: &str) -> &'a BlockView {
    blocks
        .iter()
        .find(|block| block.title == title)
        .unwrap_or_else(|| panic!("no block is called {title}"))
}

fn minutes(stretches: &[BusyView]) -> i64 {
    stretches
        .iter()
        .map(|it| (it.end - it.start).num_minutes())
        .sum()
}

#[tokio::test]
async fn events_are_drawn_with_titles_and_judged_by_the_rules() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let blocks = week(&duet).await;
    use BlockState::{Busy, Free, Tentative};
    for (title, state, rule) in [
        ("Stand-up", Busy, "event"),
        ("Roadmap", Tentative, "tentative"),
        ("All hands", Free, "declined"),
        ("Hiring sync", Busy, "unanswered"),
        ("Lunch walk (skip if it rains)", Free, "shown_as_free"),
        ("Focus time", Busy, "focus_time"),
        ("Office", Free, "working_location"),
        ("Mo's birthday", Free, "birthday"),
        ("Offsite, Leipzig", Free, "shown_as_free"),
        ("Grandparents visit", Busy, "event"),
    ] {
        let block = titled(&blocks, title);
        assert_eq!((block.state, block.rule.as_str()), (state, rule), "{title}");
        assert!(block.event.is_some() && !block.busy_only, "{title}");
        assert!(block.as_of.is_some(), "{title}");
    }
    assert!(titled(&blocks, "All hands").declined);
    let visit = titled(&blocks, "Grandparents visit").all_day.unwrap();
    assert_eq!((visit.1 - visit.0).num_days(), 2);
    // What is shared by its times only stays without titles, and nothing is left unexplained:
    // Google counts what the events say.
    let only_times = blocks.iter().filter(|block| block.busy_only);
    for block in only_times {
        assert_eq!(block.calendar.as_deref(), Some(STUDIO), "{block:?}");
        assert_eq!(block.rule, "freebusy");
    }
    let moved = titled(&blocks, "Stand-up (later today)");
    assert_eq!(moved.wall_start.time().to_string(), "09:30:00");
}

#[tokio::test]
async fn busy_names_the_event_and_its_rule_and_what_is_free_is_not_in_it() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let (from, to) = (at("2026-11-23T00:00:00Z"), at("2026-11-30T00:00:00Z"));
    let busy = duet.busy(from, to).await.unwrap();
    let sources: Vec<_> = busy.iter().flat_map(|it| &it.sources).collect();
    let standup = sources
        .iter()
        .find(|it| it.title.as_deref() == Some("Stand-up"))
        .unwrap();
    assert_eq!(standup.rule, "event");
    assert_eq!(standup.calendar.as_deref(), Some(ANA));
    assert!(standup.event.is_some() && standup.end > standup.start);
    for free in ["All hands", "Office", "Offsite, Leipzig"] {
        assert!(
            sources.iter().all(|it| it.title.as_deref() != Some(free)),
            "{free}"
        );
    }
}

#[tokio::test]
async fn why_names_what_counts_what_does_not_and_who_vouches() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    // Thursday 09:00 in Berlin: nothing but the stand-up's exception half an hour later.
    let free = duet
        .why(at("2026-11-26T06:00:00Z"), at("2026-11-26T06:30:00Z"))
        .await
        .unwrap();
    assert_eq!(free.state, BlockState::Free);
    assert!(free.reasons.iter().all(|it| it.state == BlockState::Free));
    assert!(
        free.vouching
            .iter()
            .any(|it| it.calendar == STUDIO && it.as_of.is_some())
    );
    assert!(free.because.starts_with("Free"), "{}", free.because);

    // Wednesday 12:15: the lunch walk does not count; 13:00: lunch with Mo does.
    let walk = duet
        .why(at("2026-11-25T11:20:00Z"), at("2026-11-25T11:30:00Z"))
        .await
        .unwrap();
    let reason = &walk.reasons[0];
    assert_eq!(reason.title, "Lunch walk (skip if it rains)");
    assert_eq!(
        (reason.state, reason.rule.as_str()),
        (BlockState::Free, "shown_as_free")
    );
    let change = reason.change.unwrap();
    assert_eq!(
        (change.rule, change.treatment),
        (Rule::ShownAsFree, Treatment::Free)
    );
    assert!(!change.own);
    let lunch = duet
        .why(at("2026-11-25T12:00:00Z"), at("2026-11-25T13:00:00Z"))
        .await
        .unwrap();
    assert_eq!(lunch.state, BlockState::Busy);
    assert!(lunch.because.contains("Lunch with Mo"), "{}", lunch.because);
    assert!(lunch.reasons.iter().all(|it| it.disagreement.is_none()));

    // A calendar that does not count is named as such.
    duet.set_calendar(Some(ANA), FAMILY, None, Some(false))
        .await
        .unwrap();
    duet.sync_now(None, false).await.unwrap();
    let lunch = duet
        .why(at("2026-11-25T12:00:00Z"), at("2026-11-25T13:00:00Z"))
        .await
        .unwrap();
    let reason = lunch
        .reasons
        .iter()
        .find(|it| it.title == "Lunch with Mo")
        .unwrap();
    assert_eq!(
        (reason.state, reason.rule.as_str()),
        (BlockState::Free, "not_counting")
    );
    assert_ne!(lunch.state, BlockState::Busy);
}

/// However the database hands them over: those of several days come apart from the others.
#[tokio::test]
async fn reasons_that_begin_together_stand_in_one_order() {
    let desk = Desk::new().await;
    let start = at("2026-11-26T06:00:00Z");
    for (id, hours) in [("first1", 1), ("second1", 60), ("third1", 1)] {
        let spec = EventSpec::between(id, start, start + TimeDelta::hours(hours)).id(id);
        desk.control().add_event(ANA, "primary", spec).unwrap();
    }
    let duet = desk.connected().await;
    let why = duet
        .why(start, start + TimeDelta::minutes(30))
        .await
        .unwrap();
    let together = ["first1", "second1", "third1"];
    let reasons = why.reasons.iter();
    let keys: Vec<i64> = reasons
        .filter(|reason| together.contains(&reason.title.as_str()))
        .filter_map(|reason| reason.id.as_deref()?.split('-').nth(1)?.parse().ok())
        .collect();
    assert_eq!(keys.len(), 3, "{:?}", why.reasons);
    assert!(keys.is_sorted(), "{keys:?}");
}

#[tokio::test]
async fn a_preview_tells_what_saving_the_rule_then_does() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let now = at("2026-11-25T11:00:00Z");
    let month = now + TimeDelta::days(28);
    let before = duet.busy(now, month).await.unwrap();
    let own = |treatment| Overrides {
        all_day: Some(treatment),
        ..Overrides::default()
    };
    let rules = own(Treatment::Free);
    let draft = RulesDraft::Calendar {
        account: ANA.to_owned(),
        calendar: FAMILY.to_owned(),
        rules: rules.clone(),
    };
    let preview = duet.preview(&draft).await.unwrap();
    assert!(preview.frees > 0 && preview.blocks == 0, "{preview:?}");
    assert_eq!(
        duet.busy(now, month).await.unwrap(),
        before,
        "a preview stores nothing"
    );

    duet.set_calendar_rules(Some(ANA), FAMILY, &rules)
        .await
        .unwrap();
    let after = duet.busy(now, month).await.unwrap();
    let freed = minutes(&before) - minutes(&after);
    assert_eq!(i64::from(preview.frees), freed);
    let visit = titled(&week(&duet).await, "Grandparents visit").clone();
    assert_eq!(
        (visit.state, visit.rule.as_str()),
        (BlockState::Free, "all_day")
    );
    let calendars = duet.calendars().await.unwrap();
    let family = calendars.iter().find(|it| it.id == FAMILY).unwrap();
    assert_eq!(family.rules, rules, "it survives and is shown");

    // A word for all calendars blocks what was free.
    let rules = Rules {
        keywords: vec![Keyword {
            word: "lunch walk".to_owned(),
            verdict: Verdict::Busy,
        }],
        ..Rules::default()
    };
    let preview = duet
        .preview(&RulesDraft::All {
            rules: rules.clone(),
        })
        .await
        .unwrap();
    assert_eq!((preview.frees, preview.blocks), (0, 45), "{preview:?}");
    let mut settings = duet.settings().await.unwrap();
    settings.rules = rules;
    duet.set_settings(&settings).await.unwrap();
    let walk = titled(&week(&duet).await, "Lunch walk (skip if it rains)").clone();
    assert_eq!(
        (walk.state, walk.rule.as_str()),
        (BlockState::Busy, "keyword")
    );
    let why = duet
        .why(at("2026-11-25T11:20:00Z"), at("2026-11-25T11:30:00Z"))
        .await
        .unwrap();
    let says = why.reasons[0].disagreement.as_deref();
    assert_eq!(
        says,
        Some("Google itself does not count this time as busy.")
    );
}

#[tokio::test]
async fn words_no_one_can_mean_are_refused_before_anything_is_stored() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let rules = Overrides {
        keywords: Some(vec![Keyword {
            word: " ".to_owned(),
            verdict: Verdict::Free,
        }]),
        ..Overrides::default()
    };
    assert!(
        duet.set_calendar_rules(Some(ANA), TEAM, &rules)
            .await
            .is_err()
    );
    let calendars = duet.calendars().await.unwrap();
    assert!(calendars.iter().all(|it| it.rules.is_empty()));
}

#[tokio::test]
async fn a_calendar_whose_events_fail_is_unknown_and_keeps_what_it_last_said() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let count = |blocks: &[BlockView]| {
        let team = blocks
            .iter()
            .filter(|it| it.calendar.as_deref() == Some(TEAM));
        team.count()
    };
    let before = count(&week(&duet).await);
    assert!(before > 0);
    let broken = FaultKind::status(500, "", "");
    desk.control()
        .fault(Fault::always(Endpoint::Events, broken).calendar(TEAM));
    let report = duet.sync_now(None, false).await.unwrap();
    assert_eq!(report.accounts[0].calendars.failed, 1, "{report:?}");
    let blocks = week(&duet).await;
    assert_eq!(count(&blocks), before);
    for block in &blocks {
        let own = block.calendar.as_deref() == Some(TEAM);
        assert_eq!(block.state == BlockState::Unknown, own, "{block:?}");
        assert_eq!(block.rule == "failing", own, "{block:?}");
    }
    let why = duet
        .why(at("2026-11-26T06:00:00Z"), at("2026-11-26T06:30:00Z"))
        .await
        .unwrap();
    assert_eq!(why.state, BlockState::Unknown);
    let reason = why
        .reasons
        .iter()
        .find(|it| it.state == BlockState::Unknown)
        .unwrap();
    assert_eq!(reason.calendar.as_deref(), Some(TEAM));
    assert!(
        reason.because.starts_with("The last check failed."),
        "{}",
        reason.because
    );
    assert_eq!(duet.status().await.unwrap().accounts[0].failing, 1);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_busy_where_google_counts_it_and_doubt_beyond() {
    let desk = Desk::new().await;
    let control = desk.control();
    let (start, end) = (at("2026-11-26T18:00:00Z"), at("2026-11-26T19:00:00Z"));
    // Its repetition is longer than any real one.
    let dates: Vec<String> = (0..5_000)
        .map(|n| at("2030-01-01T18:00:00Z") + TimeDelta::days(n))
        .map(|day| day.format("%Y%m%dT%H%M%SZ").to_string())
        .collect();
    let wall = start.naive_utc() + TimeDelta::hours(1);
    let spec = EventSpec::at("Odd", "Europe/Berlin", wall, 60)
        .repeat("RRULE:FREQ=WEEKLY;COUNT=1")
        .repeat(&format!("EXDATE:{}", dates.join(",")))
        .id("oddevent1");
    control.add_event(ANA, "primary", spec).unwrap();
    let duet = desk.connected().await;
    let status = duet.status().await.unwrap();
    assert_eq!(status.unreadable, 1);
    let busy = duet.busy(start, end).await.unwrap();
    assert_eq!(minutes(&busy), 60);
    assert_eq!(busy[0].sources[0].rule, "unexplained");
    let drawn = week(&duet).await;
    let block = drawn.iter().find(|it| it.rule == "unexplained").unwrap();
    assert!(block.busy_only && block.start == start && block.end == end);
    let report = duet.doctor().await;
    let said = |name: &str| {
        let check = report.checks.iter().find(|it| it.name == name);
        check.map(|it| it.words.clone()).unwrap_or_default()
    };
    assert!(
        said("agreement").contains("1 busy time in which"),
        "{}",
        said("agreement")
    );
    assert!(
        said("events").contains("longer than any real one"),
        "{}",
        said("events")
    );
    // A check that fails makes of what it last said no free hour.
    control.freebusy_error(ANA, Some("internalError")).unwrap();
    duet.sync_now(None, false).await.unwrap();
    let busy = duet.busy(start, end).await.unwrap();
    assert_eq!(
        (minutes(&busy), busy[0].state),
        (60, State::Unknown),
        "{busy:?}"
    );
    let why = duet.why(start, end).await.unwrap();
    assert_eq!(why.state, BlockState::Unknown);
    let report = duet.doctor().await;
    let check = report.checks.iter().find(|it| it.name == "agreement");
    let words = check.map(|it| it.words.as_str()).unwrap_or_default();
    assert!(
        words.contains("1 calendar could not be compared"),
        "{words}"
    );
    control.freebusy_error(ANA, None).unwrap();
    duet.sync_now(None, false).await.unwrap();
    assert_eq!(duet.busy(start, end).await.unwrap()[0].state, State::Busy);

    // Google is asked for 90 days; what lies beyond may hold more of what could not be read.
    let later = at("2027-06-01T10:00:00Z");
    let busy = duet.busy(later, later + TimeDelta::hours(1)).await.unwrap();
    let rules: Vec<_> = busy
        .iter()
        .flat_map(|it| &it.sources)
        .map(|it| it.rule.as_str())
        .collect();
    assert!(rules.contains(&"unreadable"), "{rules:?}");
    // Mended in Google, it is an event like any other.
    control
        .update_event(
            ANA,
            "primary",
            "oddevent1",
            json!({"summary": "Even", "recurrence": null}),
        )
        .unwrap();
    duet.sync_now(None, false).await.unwrap();
    assert_eq!(titled(&week(&duet).await, "Even").rule, "event");
    assert_eq!(duet.status().await.unwrap().unreadable, 0);
}

#[tokio::test]
async fn a_whole_day_of_a_calendar_elsewhere_leaves_no_nameless_hours() {
    let desk = Desk::new().await;
    let control = desk.control();
    let third = chrono::NaiveDate::from_ymd_opt(2026, 12, 3).unwrap();
    for (id, zone) in [
        ("ny@example.com", "America/New_York"),
        ("tokyo@example.com", "Asia/Tokyo"),
    ] {
        control
            .add_calendar(ANA, id, id, zone, AccessRole::Owner)
            .unwrap();
        let spec = EventSpec::all_day("Away", third, 2);
        control.add_event(ANA, id, spec).unwrap();
    }
    let duet = desk.connected().await;
    // The day before, the day and the day after, each looked at by itself and all at once.
    let (first, end) = (at("2026-12-02T00:00:00Z"), at("2026-12-06T00:00:00Z"));
    let days = (0..4).map(|n| first + TimeDelta::days(n));
    let mut looked_at: Vec<_> = days.map(|day| (day, day + TimeDelta::days(1))).collect();
    looked_at.push((first, end));
    for (from, to) in looked_at {
        let busy = duet.busy(from, to).await.unwrap();
        let nameless = busy.iter().flat_map(|it| &it.sources);
        let nameless: Vec<_> = nameless.filter(|it| it.rule == "unexplained").collect();
        assert!(nameless.is_empty(), "{from} to {to}: {nameless:#?}");
    }
    // In Berlin the 5th has begun, in New York it is still the 4th; and in Tokyo the 3rd had.
    for from in [at("2026-12-05T01:00:00Z"), at("2026-12-02T20:00:00Z")] {
        let to = from + TimeDelta::hours(1);
        let busy = duet.busy(from, to).await.unwrap();
        let mut source = busy.iter().flat_map(|it| &it.sources);
        let source = source.find(|it| it.rule == "other_zone").unwrap();
        assert_eq!(source.title.as_deref(), Some("Away"), "{source:?}");
        let id = source.event.as_deref().unwrap();
        assert!(id.ends_with("-2026-12-03"), "{id}");
        let why = duet.why(from, to).await.unwrap();
        let mut reasons = why.reasons.iter();
        let named = reasons.any(|it| it.rule == "other_zone" && it.title == "Away");
        assert!(named && why.state == BlockState::Busy, "{why:#?}");
        let lines = duet.agenda(from, to).await.unwrap();
        let named = |rule: &str| lines.iter().any(|it| it.rule.as_deref() == Some(rule));
        assert!(named("other_zone") && !named("unexplained"), "{lines:#?}");
    }
    let report = duet.doctor().await;
    let check = report.checks.iter().find(|it| it.name == "agreement");
    let words = check.map(|it| it.words.as_str()).unwrap_or_default();
    assert!(words.contains("events agree"), "{words}");
}

#[tokio::test]
async fn a_series_is_seen_years_beyond_what_is_stored() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    // A Tuesday in 2035: the 1:1 at 14:00 in Berlin, known by its rule alone.
    let from = chrono::NaiveDate::from_ymd_opt(2035, 3, 5).unwrap();
    let grid = duet.grid(from, 7).await.unwrap();
    let one = titled(&grid.blocks, "1:1 with Ben");
    assert_eq!(one.wall_start.to_string(), "2035-03-06 14:00:00");
    let twice = grid
        .blocks
        .iter()
        .filter(|it| it.title == "1:1 with Ben")
        .count();
    assert_eq!(twice, 1);
    // What is known by its times only stays unknown there.
    let why = duet.why(one.start, one.end).await.unwrap();
    let unknown: Vec<_> = why
        .reasons
        .iter()
        .filter(|it| it.rule == "outside_window")
        .collect();
    assert!(
        unknown
            .iter()
            .all(|it| it.calendar.as_deref() == Some(STUDIO)),
        "{unknown:?}"
    );
    assert_eq!(unknown.len(), 1);
}

#[tokio::test]
async fn changes_in_google_come_back_with_their_history() {
    let desk = Desk::new().await;
    let control = desk.control();
    let (from, to) = (at("2026-11-27T17:00:00Z"), at("2026-11-27T18:00:00Z"));
    let spec = EventSpec::between("Lunch with Kim", from, to).id("kim1");
    let mail = json!({"useDefault": false, "overrides": [{"method": "email", "minutes": 90}]});
    let spec = spec.field("reminders", mail);
    control.add_event(ANA, FAMILY, spec).unwrap();
    let duet = desk.connected().await;
    let lunch = titled(&week(&duet).await, "Lunch with Kim").clone();
    let (key, start) = (lunch.event.unwrap(), When::Instant(lunch.start));
    let event = duet.event(key, Some(start)).await.unwrap();
    assert_eq!(
        (event.title.as_str(), event.calendar.as_str()),
        ("Lunch with Kim", FAMILY)
    );
    assert_eq!(
        event.because,
        "Events count as busy where no rule says otherwise."
    );
    assert!(event.history.is_empty() && event.repeats.is_none());
    let reminders: Vec<&str> = event.reminders.iter().map(|it| it.words.as_str()).collect();
    assert_eq!(reminders, ["1 hour 30 minutes before, by email"]);
    let hits = duet.search("kim lun", 5).await.unwrap();
    assert_eq!(
        (hits[0].event, hits[0].id.as_str()),
        (Some(key), lunch.id.as_str())
    );

    let changes = json!({"summary": "Dinner with Kim", "location": "Trattoria"});
    control.update_event(ANA, FAMILY, "kim1", changes).unwrap();
    duet.sync_now(None, false).await.unwrap();
    let event = duet.event(key, Some(start)).await.unwrap();
    assert_eq!(event.title, "Dinner with Kim");
    assert_eq!(event.location.as_deref(), Some("Trattoria"));
    let said = event.history.iter().flat_map(|it| &it.what);
    let said: Vec<&str> = said.map(String::as_str).collect();
    assert_eq!(
        said,
        [
            "Title: “Lunch with Kim” → “Dinner with Kim”.",
            "Place: none → “Trattoria”."
        ]
    );
    assert!(duet.search("lunch kim", 5).await.unwrap().is_empty());

    control.remove_event(ANA, FAMILY, "kim1").unwrap();
    duet.sync_now(None, false).await.unwrap();
    let gone = duet.event(key, Some(start)).await.unwrap_err();
    assert_eq!(gone.code, duet_wire::ErrorCode::NotFound);
}

#[tokio::test]
async fn details_are_told_in_plain_words() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let found = |title: &'static str| {
        let duet = duet.clone();
        async move {
            let hits = duet.search(title, 20).await.unwrap();
            let hit = hits.into_iter().find(|it| it.title == title).unwrap();
            duet.event(hit.event.unwrap(), Some(hit.start))
                .await
                .unwrap()
        }
    };
    let review = found("Design review").await;
    assert_eq!(
        review.description.as_deref(),
        Some("Bring two sketches each.")
    );
    assert_eq!(review.repeats.as_deref(), Some("every 2 weeks on Wed"));
    assert_eq!(review.location.as_deref(), Some("Room 4, 2nd floor"));
    assert_eq!(review.guests.len(), 3);
    assert!(review.guests.iter().any(|it| it.me));
    let call = found("Customer call").await;
    assert_eq!(
        call.conference.as_deref(),
        Some("https://meet.google.com/xyz-abcd-efg")
    );
    duet.open_event_page(call.key, EventPage::Conference)
        .await
        .unwrap();
    assert_eq!(desk.page(), "https://meet.google.com/xyz-abcd-efg");
    let none = duet.open_event_page(review.key, EventPage::Conference);
    assert_eq!(none.await.unwrap_err().code, duet_wire::ErrorCode::NotFound);
    let retro = found("Retro with Sydney").await;
    let (zone, there) = retro.home.unwrap();
    assert_eq!(
        (zone.as_str(), there.time().to_string().as_str()),
        ("Australia/Sydney", "18:30:00")
    );
    let moved = found("Stand-up (later today)").await;
    assert_eq!(
        moved.repeats.as_deref(),
        Some("every week on weekdays"),
        "told by its series"
    );
}

fn find(people: &[&str]) -> FindTime {
    FindTime {
        from: chrono::NaiveDate::from_ymd_opt(2026, 11, 30).unwrap(),
        days: 2,
        minutes: 60,
        working_hours: true,
        calendars: None,
        people: people.iter().map(|one| (*one).to_owned()).collect(),
        zone: Some("America/New_York".to_owned()),
    }
}

#[tokio::test]
async fn time_is_found_with_somebody_else_in_either_zone() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let alone = duet.find_time(&find(&[])).await.unwrap();
    assert!(!alone.slots.is_empty() && alone.slots.iter().all(|it| it.certain));
    for slot in &alone.slots {
        assert!(slot.end - slot.start >= TimeDelta::minutes(60));
        let busy = duet.busy(slot.start, slot.end).await.unwrap();
        assert!(busy.is_empty(), "{slot:?} {busy:?}");
        let (start, end) = slot.wall;
        assert!(start.time().to_string().as_str() >= "08:00:00", "{slot:?}");
        assert!(end.time().to_string().as_str() <= "18:00:00", "{slot:?}");
        let (there, _) = slot.other_wall.unwrap();
        assert_eq!(start - there, TimeDelta::hours(6), "{slot:?}");
    }
    assert!(
        alone.text.starts_with("Free (Europe/Berlin):\n- "),
        "{}",
        alone.text
    );
    let there = alone.other_text.unwrap();
    assert!(there.starts_with("Free (America/New_York):\n- "), "{there}");

    // Nothing is known of Ben until Google was asked, so nothing is certain.
    let wish = find(&[BEN, "nobody@example.net"]);
    let early = duet.find_time(&wish).await.unwrap();
    assert!(
        early
            .slots
            .iter()
            .all(|it| !it.certain && it.doubt.is_some())
    );
    assert_eq!(early.people[0].state, PersonState::Asking);
    duet.ask_people(&wish).await.unwrap();
    let mut found = duet.find_time(&wish).await.unwrap();
    for _ in 0..200 {
        if found
            .people
            .iter()
            .all(|it| it.state != PersonState::Asking)
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        found = duet.find_time(&wish).await.unwrap();
    }
    assert_eq!(found.people[0].state, PersonState::Known);
    assert_eq!(found.people[1].state, PersonState::Unknown);
    assert!(
        found.people[1]
            .why
            .as_deref()
            .is_some_and(|it| it.ends_with('.'))
    );
    assert!(
        found.slots.iter().all(|it| !it.certain),
        "one of them is not known"
    );

    let both = duet.find_time(&find(&[BEN])).await.unwrap();
    assert!(both.slots.iter().all(|it| it.certain) && !both.slots.is_empty());
    let ben = |start, end| {
        let busy = desk.control().busy(BEN, BEN, start, end);
        busy.is_empty()
    };
    for slot in &both.slots {
        assert!(ben(slot.start, slot.end), "{slot:?}");
    }
    assert!(
        alone.slots.iter().any(|it| !ben(it.start, it.end)),
        "Ben makes a difference"
    );
}

#[tokio::test]
async fn a_chosen_calendar_that_does_not_count_makes_nothing_certain() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let chosen = |id: &str| FindTime {
        calendars: Some(vec![(ANA.to_owned(), id.to_owned())]),
        ..find(&[])
    };
    let counting = duet.find_time(&chosen(FAMILY)).await.unwrap();
    assert!(counting.slots.iter().all(|it| it.certain) && !counting.slots.is_empty());
    duet.set_calendar(Some(ANA), FAMILY, None, Some(false))
        .await
        .unwrap();
    for id in [FAMILY, "gone@example.com"] {
        let found = duet.find_time(&chosen(id)).await.unwrap();
        let doubted = |it: &duet_wire::find::SlotView| {
            !it.certain && it.doubt.as_deref().is_some_and(|why| why.contains(id))
        };
        assert!(
            !found.slots.is_empty() && found.slots.iter().all(doubted),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused_in_words() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let good = find(&[]);
    for wish in [
        FindTime {
            days: 0,
            ..good.clone()
        },
        FindTime {
            days: 91,
            ..good.clone()
        },
        FindTime {
            minutes: 4,
            ..good.clone()
        },
        FindTime {
            minutes: 1441,
            ..good.clone()
        },
        FindTime {
            people: vec!["ben".to_owned()],
            ..good.clone()
        },
        FindTime {
            zone: Some("Mars/Olympus".to_owned()),
            ..good.clone()
        },
        FindTime {
            from: chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
            ..good.clone()
        },
    ] {
        let error = duet.find_time(&wish).await.unwrap_err();
        assert_eq!(error.code, duet_wire::ErrorCode::Invalid, "{wish:?}");
        assert!(error.message.ends_with('.'), "{}", error.message);
    }
}

#[tokio::test]
async fn the_doctor_tells_how_events_and_free_busy_agree() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let checks = |report: duet_wire::doctor::DoctorReport| {
        let named = report.checks.into_iter().map(|it| (it.name, it.words));
        named.collect::<std::collections::HashMap<_, _>>()
    };
    let said = checks(duet.doctor().await);
    assert!(
        said["events"].starts_with("a…@example.com: "),
        "{}",
        said["events"]
    );
    assert!(
        said["agreement"].contains(" agree over 60 days."),
        "{}",
        said["agreement"]
    );
    let broken = FaultKind::status(500, "", "");
    desk.control()
        .fault(Fault::always(Endpoint::Events, broken).calendar(ANA));
    duet.sync_now(None, false).await.unwrap();
    let said = checks(duet.doctor().await);
    assert!(
        said["calendars"].contains("1 of 4"),
        "{}",
        said["calendars"]
    );
}

#[tokio::test]
async fn whole_days_are_whole_where_the_clocks_change() {
    let desk = Desk::new().await;
    // Berlin's clocks go forward on 28 March 2027 and back on 31 October 2027.
    for (id, day) in [("spring1", (2027, 3, 28)), ("autumn1", (2027, 10, 31))] {
        let day = chrono::NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap();
        let spec = EventSpec::all_day("Away", day, 1).id(id);
        desk.control().add_event(ANA, "primary", spec).unwrap();
    }
    let duet = desk.connected().await;
    for (day, minutes) in [("2027-03-28", 1380), ("2027-10-31", 1500)] {
        let grid = duet.grid(day.parse().unwrap(), 1).await.unwrap();
        let away = titled(&grid.blocks, "Away");
        assert_eq!(away.all_day.unwrap().0.to_string(), day);
        assert_eq!(
            grid.bars.iter().filter(|it| it.span == 1).count(),
            grid.bars.len()
        );
        let busy = grid.days[0]
            .strip
            .iter()
            .filter(|it| it.state == State::Busy);
        let busy: u16 = busy.map(|it| it.length).sum();
        assert_eq!((grid.days[0].minutes, busy), (minutes, minutes), "{day}");
        // And not a minute of the days beside it.
        let start = grid.days[0].start;
        let end = start + TimeDelta::minutes(i64::from(minutes));
        for (from, to) in [
            (start - TimeDelta::minutes(1), start),
            (end, end + TimeDelta::minutes(1)),
        ] {
            let busy = duet.busy(from, to).await.unwrap();
            let away = |it: &BusyView| {
                it.sources
                    .iter()
                    .any(|it| it.title.as_deref() == Some("Away"))
            };
            assert!(!busy.iter().any(away), "{from} {busy:?}");
        }
    }
}

#[tokio::test]
async fn a_series_stays_on_its_own_wall_clock_when_other_clocks_change() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    // The retro is at 18:30 in Sydney, whose clocks change on other days than Berlin's.
    for (monday, wall) in [
        ("2026-11-23", "08:30:00"),
        ("2027-03-22", "08:30:00"),
        ("2027-03-29", "09:30:00"),
        ("2027-04-05", "10:30:00"),
    ] {
        let grid = duet.grid(monday.parse().unwrap(), 7).await.unwrap();
        let retro = titled(&grid.blocks, "Retro with Sydney");
        assert_eq!(retro.wall_start.time().to_string(), wall, "{monday}");
    }
}

#[tokio::test]
async fn what_google_counts_of_a_whole_day_is_busy_whatever_range_is_asked() {
    let desk = Desk::new().await;
    let day = chrono::NaiveDate::from_ymd_opt(2026, 12, 10).unwrap();
    // The calendar is at home in Tokyo: its day begins eight hours before Berlin's.
    let control = desk.control();
    control
        .add_calendar(
            ANA,
            "tokyo@example.com",
            "Tokyo",
            "Asia/Tokyo",
            AccessRole::Owner,
        )
        .unwrap();
    let spec = EventSpec::all_day("Away", day, 1).id("away1");
    control.add_event(ANA, "tokyo@example.com", spec).unwrap();
    let duet = desk.connected().await;
    for calendar in duet.calendars().await.unwrap() {
        let busy = calendar.id == "tokyo@example.com";
        duet.set_calendar(None, &calendar.id, None, Some(busy))
            .await
            .unwrap();
    }
    duet.sync_now(None, false).await.unwrap();
    let evening = at("2026-12-09T16:00:00Z");
    let google = control.busy(
        ANA,
        "tokyo@example.com",
        evening,
        evening + TimeDelta::hours(40),
    );
    assert_eq!(google[0].0, at("2026-12-09T15:00:00Z").max(evening));
    // Up to Berlin's midnight, a minute more, and the whole of it.
    for minutes_more in [0, 1, 24 * 60] {
        let to = at("2026-12-09T23:00:00Z") + TimeDelta::minutes(minutes_more);
        let busy = duet.busy(evening, to).await.unwrap();
        assert_eq!(
            minutes(&busy),
            (to - evening).num_minutes(),
            "{minutes_more} {busy:?}"
        );
        assert!(busy.iter().all(|it| it.state == State::Busy));
    }
}

#[tokio::test]
async fn a_preview_counts_what_was_made_in_duet() {
    let room = Room::new().await;
    for place in [None, draft("", 1, 18).place] {
        let walk = EventDraft {
            place,
            ..draft("Night walk", 1, 2)
        };
        room.make(&walk, Notify::None).await;
    }
    let rules = Rules {
        keywords: vec![Keyword {
            word: "night walk".to_owned(),
            verdict: Verdict::Free,
        }],
        ..Rules::default()
    };
    let preview = room.duet.preview(&RulesDraft::All { rules }).await.unwrap();
    assert_eq!((preview.events, preview.blocks), (2, 0), "{preview:?}");
    assert_eq!(preview.frees, 60, "both stand at the same time");
}
