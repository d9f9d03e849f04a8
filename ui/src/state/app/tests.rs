//! What the window does with what happens to it.

use super::*;
use crate::state::pending;
use crate::words;
use duet_model::settings::Settings;
use duet_wire::ErrorCode;
use duet_wire::accounts::CalendarState;
use duet_wire::conflict::ConflictNews;
use duet_wire::connect::ConnectView;
use duet_wire::status::StatusView;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn noon(text: &str) -> DateTime<Utc> {
    date(text).and_hms_opt(12, 0, 0).unwrap().and_utc()
}

fn overview() -> Overview {
    Overview {
        status: StatusView::default(),
        calendars: Vec::new(),
        settings: Settings::default(),
        autostart: false,
        connect: ConnectView::Idle,
        google_unavailable: None,
        keychain_unavailable: None,
        zone: "UTC".into(),
        now: noon("2026-11-25"),
        version: "0.1.0".into(),
    }
}

fn grid(from: &str) -> GridView {
    Span {
        from: date(from),
        days: 7,
    }
    .blank(Some(date("2026-11-25")))
}

fn app() -> Rc<App> {
    Rc::new(App::boot(Some(overview()), Some(grid("2026-11-23"))))
}

fn after(app: Rc<App>, actions: impl IntoIterator<Item = Action>) -> Rc<App> {
    actions.into_iter().fold(app, Rc::reduce)
}

trait Reduce {
    fn reduce(self, action: Action) -> Self;
}

impl Reduce for Rc<App> {
    fn reduce(self, action: Action) -> Self {
        Reducible::reduce(self, action)
    }
}

fn asks(app: &App) -> Option<Span> {
    app.next_fetch(noon("2026-11-25"))
}

#[test]
fn the_first_week_needs_no_request_but_its_neighbours_do() {
    let app = app();
    assert_eq!(
        app.anchor,
        Some(date("2026-11-25")),
        "the day that is marked as today"
    );
    assert!(!app.wants_overview(), "the shell has put it into the page");
    assert_eq!(
        asks(&app),
        None,
        "neighbours wait until the first view is painted"
    );
    let app = after(app, [Action::Painted]);

    assert_eq!(
        asks(&app),
        Some(Span {
            from: date("2026-11-30"),
            days: 7
        }),
        "the next week"
    );
}

#[test]
fn without_a_boot_the_core_is_asked_which_day_it_is() {
    let app = Rc::new(App::boot(None, None));
    assert!(app.wants_overview());
    let around = Span {
        from: date("2026-11-24"),
        days: 3,
    };
    assert_eq!(asks(&app), Some(around));
    // In Kiritimati it is the 26th already.
    let answer = around.blank(Some(date("2026-11-26")));
    let app = after(
        app,
        [Action::GridAsked(around), Action::Grid(around, Ok(answer))],
    );
    assert_eq!(app.anchor, Some(date("2026-11-26")));
    assert_eq!(
        asks(&app),
        Some(Span {
            from: date("2026-11-23"),
            days: 7
        }),
        "now the week itself"
    );
}

#[test]
fn going_quickly_through_weeks_draws_the_one_that_was_asked_for_last() {
    let (next, later) = (
        Span {
            from: date("2026-11-30"),
            days: 7,
        },
        Span {
            from: date("2026-12-07"),
            days: 7,
        },
    );
    let app = after(
        app(),
        [
            Action::Step(1),
            Action::GridAsked(next),
            Action::Step(1),
            Action::GridAsked(later),
        ],
    );
    // The answers come in the wrong order.
    let app = after(
        app,
        [
            Action::Grid(later, Ok(grid("2026-12-07"))),
            Action::Grid(next, Ok(grid("2026-11-30"))),
        ],
    );
    let shown = app.shown().unwrap();
    assert_eq!(shown, later);
    assert_eq!(app.grids.get(shown).unwrap().from, date("2026-12-07"));
}

#[test]
fn a_new_block_is_drawn_at_once_and_until_the_core_shows_it() {
    let app = app();
    let week = app.shown().unwrap();
    let view = app.grids.get(week).unwrap().clone();
    let (start, end) = (
        "2026-11-24T09:00:00".parse().unwrap(),
        "2026-11-24T10:00:00".parse().unwrap(),
    );
    let block = pending::preview(&view, "new".into(), "Gym", start, end);
    let token = app.token();
    let app = after(app, [Action::Try(Change::Put(Box::new(block)))]);
    assert_eq!(app.pending.len(), 1, "drawn in this frame");
    let app = after(app, [Action::GridAsked(week), Action::Stored(token)]);
    let app = after(app, [Action::Grid(week, Ok(grid("2026-11-23")))]);
    assert_eq!(
        app.pending.len(),
        1,
        "that grid was asked for before the block was stored"
    );
    assert_eq!(asks(&app), Some(week), "so it is asked for again");
    let app = after(
        app,
        [
            Action::GridAsked(week),
            Action::Grid(week, Ok(grid("2026-11-23"))),
        ],
    );
    assert!(
        app.pending.is_empty(),
        "now the core's own picture shows it"
    );
}

#[test]
fn a_refused_change_goes_and_is_told() {
    let app = app();
    let token = app.token();
    let app = after(
        app,
        [
            Action::Try(Change::Drop("a".into())),
            Action::Refused(token),
            Action::Tell {
                text: "No.".into(),
                failed: true,
                offer: None,
            },
            Action::Tell {
                text: "No.".into(),
                failed: true,
                offer: None,
            },
        ],
    );
    assert!(app.pending.is_empty());
    assert_eq!(
        app.toasts.len(),
        1,
        "the same complaint twice is one complaint"
    );
}

#[test]
fn pushes_say_what_to_read_again() {
    let changed = |topic| {
        Action::Pushed(Push::Changed {
            topics: vec![topic],
        })
    };
    let cases = [
        (Topic::ManualBlocks, true, false),
        (Topic::ExternalBlocks, true, false),
        (Topic::Calendars, true, true),
        (Topic::Accounts, true, true),
        (Topic::Settings, true, true),
    ];
    for (topic, grid, overview) in cases {
        let before = app();
        let now = after(before.clone(), [changed(topic)]);
        assert_eq!(now.grids.epoch() > before.grids.epoch(), grid, "{topic:?}");
        assert_eq!(now.wants_overview(), overview, "{topic:?}");
    }
}

#[test]
fn while_a_sync_runs_only_what_is_seen_is_fetched() {
    let status = StatusView {
        syncing: true,
        ..StatusView::default()
    };
    let app = after(
        app(),
        [Action::Painted, Action::Pushed(Push::Status { status })],
    );
    assert_eq!(asks(&app), None, "no neighbours");
    let app = after(
        app,
        [Action::Pushed(Push::Changed {
            topics: vec![Topic::ExternalBlocks],
        })],
    );
    assert_eq!(asks(&app), app.shown(), "but the view itself is kept up");
}

#[test]
fn onboarding_stands_only_where_there_is_nothing_else() {
    assert!(app().onboarding(), "no account, nothing made by hand");
    let settings = Settings {
        welcomed: true,
        ..overview().settings
    };
    assert!(
        !after(app(), [Action::Settings(settings)]).onboarding(),
        "the person went on without"
    );
    let mut used = grid("2026-11-23");
    let span = (
        "2026-11-24T09:00:00".parse().unwrap(),
        "2026-11-24T10:00:00".parse().unwrap(),
    );
    used.blocks
        .push(pending::preview(&used, "a".into(), "", span.0, span.1));
    let app = App::boot(Some(overview()), Some(used));
    assert!(!app.onboarding(), "something was made by hand");
    assert!(
        !App::boot(None, None).onboarding(),
        "not before it is known that there is no account"
    );
}

#[test]
fn a_failed_overview_keeps_the_old_one() {
    let app = after(
        app(),
        [
            Action::Reload,
            Action::OverviewAsked,
            Action::Overview(Err(WireError::new(ErrorCode::Failed, "no"))),
        ],
    );
    assert!(app.overview.is_some() && app.overview_failure.is_some());
    assert!(!app.wants_overview(), "no endless loop of failing requests");
}

#[test]
fn today_is_the_day_that_contains_now() {
    let app = app();
    assert_eq!(app.today(noon("2026-11-25")), Some(date("2026-11-25")));
    assert_eq!(
        app.today(noon("2026-11-27")),
        Some(date("2026-11-27")),
        "also days after the start"
    );
    assert_eq!(app.today(noon("2027-11-27")), None, "nothing is guessed");
    // But the core is asked: from far away there is a way back.
    let app = Reducible::reduce(app, Action::Today);
    let asked = app.next_fetch(noon("2027-11-27")).unwrap();
    assert_eq!((asked.from, asked.days), (date("2027-11-26"), 3));
}

fn stretch(from: &str) -> Stretch {
    let from = noon(from);
    Stretch {
        from,
        to: from + TimeDelta::minutes(30),
        wall: (from.naive_utc(), from.naive_utc() + TimeDelta::minutes(30)),
    }
}

#[test]
fn the_panel_follows_only_where_it_is_open() {
    let closed = after(app(), [Action::Follow(stretch("2026-11-25"))]);
    assert_eq!(closed.panel, None, "walking the grid opens nothing");
    let finding = after(
        closed,
        [
            Action::Beside(Panel::Find),
            Action::Follow(stretch("2026-11-25")),
        ],
    );
    assert_eq!(finding.panel, Some(Panel::Find));
    let open = after(
        finding,
        [
            Action::Beside(Panel::Why(stretch("2026-11-24"))),
            Action::Follow(stretch("2026-11-25")),
            Action::Step(1),
        ],
    );
    assert_eq!(
        open.panel,
        Some(Panel::Why(stretch("2026-11-25"))),
        "it follows, and stays while one walks on"
    );
    let settings = after(open, [Action::Open(Page::Settings { account: None })]);
    assert_eq!(settings.panel, None, "there is nothing beside the settings");
}

#[test]
fn what_was_found_is_opened_on_its_day() {
    let found = |view| {
        let find = Action::Find {
            date: date("2027-01-12"),
            id: "e9".into(),
        };
        after(
            app(),
            [Action::View(view), Action::Show(Dialog::Search), find],
        )
    };
    for (view, expect) in [
        (View::Day, View::Day),
        (View::Week, View::Week),
        (View::Month, View::Day),
        (View::Agenda, View::Day),
    ] {
        let app = found(view);
        assert_eq!((app.view, app.anchor), (expect, Some(date("2027-01-12"))));
        assert_eq!(app.wanted.as_deref(), Some("e9"));
        assert_eq!(app.dialog, None);
    }
    let on = after(found(View::Week), [Action::Step(1)]);
    assert_eq!(on.wanted, None, "who walks on is not surprised later");
}

#[test]
fn news_of_people_concern_the_search_for_time_and_no_grid() {
    let before = app();
    let epoch = before.grids.epoch();
    let topics = vec![Topic::People];
    let told = after(before, [Action::Pushed(Push::Changed { topics })]);
    assert_eq!((told.people, told.grids.epoch()), (1, epoch));
    let topics = vec![Topic::Events];
    let told = after(told, [Action::Pushed(Push::Changed { topics })]);
    assert_eq!((told.people, told.grids.epoch()), (1, epoch + 1));
}

#[test]
fn a_calendars_rules_are_shown_before_they_are_stored() {
    let mut overview = overview();
    overview.calendars = ["work", "home"]
        .map(|id| words::calendar::tests::calendar(id, CalendarState::Ok))
        .into();
    let rules = Overrides {
        declined: Some(duet_model::verdict::Treatment::Busy),
        ..Overrides::default()
    };
    let app = after(
        Rc::new(App::boot(Some(overview), None)),
        [Action::CalendarRules {
            account: "ana@example.com".into(),
            calendar: "home".into(),
            rules: rules.clone(),
        }],
    );
    let calendars = &app.overview.as_ref().unwrap().calendars;
    assert_eq!(calendars[0].rules, Overrides::default());
    assert_eq!(calendars[1].rules, rules);
}

#[test]
fn a_conflict_is_told_once_when_it_comes_up() {
    let status = |id: i64| StatusView {
        last_conflict: Some(ConflictNews {
            id,
            words: format!("Clash {id}."),
        }),
        ..StatusView::default()
    };
    let overview = Overview {
        status: status(3),
        ..overview()
    };
    let status = |id| Action::Pushed(Push::Status { status: status(id) });
    let app = App::boot(Some(overview), Some(grid("2026-11-23")));
    let app = after(Rc::new(app), [status(3)]);
    assert!(app.toasts.is_empty(), "that one is old");
    let app = after(app, [status(4), status(4)]);
    let told: Vec<&str> = app.toasts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(told, ["Clash 4."]);
    assert_eq!(app.toasts[0].offer, Some(Offer::Changes));
}
