//! The window's whole state and every way it changes.
//!
//! `reduce` is pure: it reads no clock and sends nothing. What the core says arrives as an action,
//! and what is still to be asked for is computed from the state ([`App::next_fetch`]).

mod told;

use std::rc::Rc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duet_model::settings::Settings;
use duet_model::topic::Topic;
use duet_model::verdict::Overrides;
use duet_wire::availability::SourceKind;
use duet_wire::grid::{DayView, GridView};
use duet_wire::invitation::InvitationView;
use duet_wire::push::Place;
use duet_wire::status::Overview;
use duet_wire::{Push, WireError};
use yew::Reducible;

use crate::state::dialog::Dialog;
use crate::state::grids::Grids;
use crate::state::invitations::Invitations;
use crate::state::panel::{Panel, Stretch};
use crate::state::pending::{Change, Filter, Pending};
use crate::state::shared::Shared;
use crate::state::toast::{Offer, Toast};
use crate::state::view::{Span, View};

/// What fills the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Page {
    /// The calendar, or the onboarding while there is nothing to show.
    #[default]
    Calendar,
    /// The settings.
    Settings {
        /// The account whose card is asked for.
        account: Option<String>,
    },
}

/// The sidebar: as the window's width suggests, or as the person said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sidebar {
    /// Shown where there is room.
    #[default]
    Auto,
    /// Shown.
    Open,
    /// Hidden.
    Closed,
}

/// Everything the window knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct App {
    /// Rises with every change; two states are equal when it is.
    revision: u64,
    /// Everything around the grid.
    pub(crate) overview: Option<Shared<Overview>>,
    /// Is the overview to be read again?
    pub(crate) overview_due: bool,
    /// Is a request for it under way?
    overview_asked: bool,
    /// Why it could not be read.
    pub(crate) overview_failure: Option<WireError>,
    /// Invitations that wait for an answer.
    pub(crate) invitations: Invitations,
    /// Fetched grids.
    pub(crate) grids: Grids,
    /// What fills the window.
    pub(crate) page: Page,
    /// How the time is looked at.
    pub(crate) view: View,
    /// The day that is looked at; `None` until the core has said which day today is.
    pub(crate) anchor: Option<NaiveDate>,
    /// Changes under way.
    pub(crate) pending: Rc<Vec<Pending>>,
    /// What stands over the calendar.
    pub(crate) dialog: Option<Dialog>,
    /// What stands beside the calendar.
    pub(crate) panel: Option<Panel>,
    /// Rises when something is learnt of other people's time.
    pub(crate) people: u32,
    /// The newest conflict that is known, by its number; `None` until the core has said.
    clashed: Option<i64>,
    /// Lines at the bottom, oldest first.
    pub(crate) toasts: Vec<Toast>,
    /// The sidebar.
    pub(crate) sidebar: Sidebar,
    /// A block that a link asks for, to be opened once it is drawn.
    pub(crate) wanted: Option<String>,
    /// Is the first view painted? Until then nothing is fetched that nobody looks at.
    pub(crate) painted: bool,
    next_token: u32,
}

impl PartialEq for App {
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision
    }
}

/// Everything that can happen.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// A request for the overview leaves.
    OverviewAsked,
    /// Its answer.
    Overview(Result<Box<Overview>, WireError>),
    /// A request for the invitations leaves.
    InvitationsAsked,
    /// Its answer.
    Invitations(Result<Vec<InvitationView>, WireError>),
    /// A request for a grid leaves.
    GridAsked(Span),
    /// Its answer.
    Grid(Span, Result<GridView, WireError>),
    /// The core says something.
    Pushed(Push),
    /// Everything is to be read again.
    Reload,
    /// Another view.
    View(View),
    /// Back or forth.
    Step(i32),
    /// To today, also where no loaded day tells which that is.
    Today,
    /// To a day.
    GoTo(NaiveDate),
    /// To a day, alone.
    Zoom(NaiveDate),
    /// Another page.
    Open(Page),
    /// Something over the calendar.
    Show(Dialog),
    /// Nothing over the calendar.
    Close,
    /// Something beside the calendar; what stood there goes.
    Beside(Panel),
    /// The calendar alone.
    Alone,
    /// Why a stretch is what it is, but only where reasons are shown already: the panel follows.
    Follow(Stretch),
    /// To a block of a day, with its details open.
    Find {
        /// The day.
        date: NaiveDate,
        /// The block's id in the view.
        id: String,
    },
    /// A change is drawn before it is stored. Its token is [`App::token`] from before.
    Try(Change),
    /// It is stored.
    Stored(u32),
    /// It was refused.
    Refused(u32),
    /// Something is told; its token is [`App::token`] from before.
    Tell {
        /// The sentence.
        text: String,
        /// Did something fail?
        failed: bool,
        /// What can be done about it.
        offer: Option<Offer>,
    },
    /// A line has been there long enough.
    Told(u32),
    /// The sidebar.
    Sidebar(Sidebar),
    /// The settings as they are about to be stored.
    Settings(Settings),
    /// A calendar's switches as they are about to be stored.
    Calendar {
        /// Its account.
        account: String,
        /// Google's id.
        calendar: String,
        /// "Shown".
        shown: Option<bool>,
        /// "Counts as busy".
        busy: Option<bool>,
    },
    /// Where a calendar deviates, as it is about to be stored.
    CalendarRules {
        /// Its account.
        account: String,
        /// Google's id.
        calendar: String,
        /// The deviations, whole.
        rules: Overrides,
    },
    /// Start at login, about to be stored.
    Autostart(bool),
    /// The wanted block was opened.
    Found,
    /// The first view is painted.
    Painted,
}

impl App {
    /// The state before the first request, from what the shell put into the page.
    pub(crate) fn boot(overview: Option<Overview>, grid: Option<GridView>) -> Self {
        let mut app = Self {
            overview_due: overview.is_none(),
            ..Self::default()
        };
        app.overview = overview.map(Shared::new);
        app.note_conflicts();
        if let Some(grid) = grid {
            if grid.days.len() == 1 {
                app.view = View::Day;
            }
            app.anchor = today_in(&grid).or_else(|| grid.days.first().map(|day| day.date));
            app.grids.seed(grid);
        }
        app
    }

    /// The token that the next [`Action::Try`] or [`Action::Tell`] gets.
    pub(crate) fn token(&self) -> u32 {
        self.next_token
    }

    /// The settings, or the defaults as long as none are known.
    pub(crate) fn settings(&self) -> Settings {
        self.overview
            .as_ref()
            .map(|overview| overview.settings.clone())
            .unwrap_or_default()
    }

    /// The days in view.
    pub(crate) fn shown(&self) -> Option<Span> {
        Some(self.view.span(self.anchor?, self.settings().week_start))
    }

    /// What day it is at `now`, as far as a loaded day can tell.
    pub(crate) fn today(&self, now: DateTime<Utc>) -> Option<NaiveDate> {
        self.grids
            .days()
            .find(|day| minute_of_day(day, now).is_some())
            .map(|day| day.date)
    }

    /// The next grid to ask for. `now` matters only as long as nothing at all is loaded.
    pub(crate) fn next_fetch(&self, now: DateTime<Utc>) -> Option<Span> {
        let Some(shown) = self.shown() else {
            // Which day is today is the core's to say: three days around UTC's contain it.
            let from = now.date_naive().pred_opt()?;
            return self.grids.next_fetch(Span { from, days: 3 }, &[]);
        };
        let anchor = self.anchor?;
        let week_start = self.settings().week_start;
        // While a sync commits calendar after calendar, only what is seen is kept up.
        let syncing = self
            .overview
            .as_ref()
            .is_some_and(|overview| overview.status.syncing);
        if syncing || !self.painted {
            return self.grids.next_fetch(shown, &[]);
        }
        let around = [1, -1].map(|step| self.view.span(self.view.step(anchor, step), week_start));
        let month = View::Month.span(anchor, week_start);
        self.grids.next_fetch(shown, &[around[0], around[1], month])
    }

    /// Should the overview be asked for now?
    pub(crate) fn wants_overview(&self) -> bool {
        self.overview_due && !self.overview_asked
    }

    /// Should the invitations be asked for now? They can wait until there is something to see.
    pub(crate) fn wants_invitations(&self) -> bool {
        self.painted && self.invitations.wanted()
    }

    /// What the person chose not to see.
    pub(crate) fn filter(&self) -> Filter {
        let Some(overview) = &self.overview else {
            return Filter::default();
        };
        Filter {
            no_external: !overview.settings.show_external,
            no_manual: !overview.settings.show_manual,
            hidden: overview
                .calendars
                .iter()
                .filter(|calendar| !calendar.shown)
                .map(|calendar| (calendar.account.clone(), calendar.id.clone()))
                .collect(),
        }
    }

    /// Is there nothing to show yet, and nobody has said to go on without?
    pub(crate) fn onboarding(&self) -> bool {
        let Some(overview) = &self.overview else {
            return false;
        };
        let used = || {
            self.grids
                .days()
                .any(|day| !day.pieces.is_empty() || !day.strip.is_empty())
                || self
                    .shown()
                    .and_then(|span| self.grids.get(span))
                    .is_some_and(|grid| {
                        grid.blocks
                            .iter()
                            .any(|block| block.source == SourceKind::Manual)
                    })
        };
        overview.status.accounts.is_empty() && !overview.settings.welcomed && !used()
    }

    fn patch(&mut self, change: impl FnOnce(&mut Overview)) {
        if let Some(overview) = &self.overview {
            let mut new = Overview::clone(overview);
            change(&mut new);
            self.overview = Some(Shared::new(new));
        }
    }

    fn pushed(&mut self, push: Push) {
        match push {
            Push::Changed { topics } => {
                // What other people do is drawn nowhere but in the search for free time.
                let grid = |topic: &Topic| match topic {
                    Topic::Settings => topics.len() == 1,
                    Topic::People => false,
                    _ => true,
                };
                if topics.iter().any(grid) {
                    self.grids.outdate();
                    self.invitations.outdate();
                }
                if topics.contains(&Topic::People) {
                    self.people += 1;
                }
                if topics.iter().any(|topic| {
                    matches!(topic, Topic::Accounts | Topic::Calendars | Topic::Settings)
                }) {
                    self.overview_due = true;
                }
            }
            Push::Status { status } => {
                self.patch(|overview| overview.status = status);
                self.note_conflicts();
            }
            Push::Connect { connect } => self.patch(|overview| overview.connect = connect),
            Push::Go { place } => {
                self.dialog = None;
                match place {
                    Place::Today => {
                        self.page = Page::Calendar;
                        self.anchor = None;
                    }
                    Place::Settings => self.page = Page::Settings { account: None },
                    Place::Invitations => {
                        self.page = Page::Calendar;
                        self.panel = Some(Panel::Invitations);
                    }
                    Place::Account { email } => {
                        self.page = Page::Settings {
                            account: Some(email),
                        }
                    }
                    Place::Event { id } => {
                        self.page = Page::Calendar;
                        self.wanted = Some(id);
                    }
                }
            }
        }
    }

    fn arrived(&mut self, span: Span, answer: Result<GridView, WireError>) {
        self.grids.arrived(span, answer);
        if self.anchor.is_none() {
            self.anchor = self.grids.get(span).and_then(|grid| today_in(grid));
        }
        let shown = self.shown().and_then(|span| self.grids.epoch_of(span));
        if let Some(epoch) = shown {
            let mut pending = Vec::clone(&self.pending);
            pending.retain(|pending| pending.concerns(epoch));
            if pending.len() != self.pending.len() {
                self.pending = Rc::new(pending);
            }
        }
    }

    fn take_token(&mut self) -> u32 {
        self.next_token += 1;
        self.next_token - 1
    }

    fn pending_mut(&mut self) -> &mut Vec<Pending> {
        Rc::make_mut(&mut self.pending)
    }
}

/// How many minutes of the day have passed, if `now` is in it.
pub(crate) fn minute_of_day(day: &DayView, now: DateTime<Utc>) -> Option<u16> {
    let past = now - day.start;
    let minute = u16::try_from(past.num_minutes()).ok()?;
    (past >= TimeDelta::zero() && minute < day.minutes).then_some(minute)
}

fn today_in(grid: &GridView) -> Option<NaiveDate> {
    let marked = grid.days.iter().find(|day| day.today);
    marked
        .or_else(|| {
            grid.days
                .iter()
                .find(|day| minute_of_day(day, grid.now).is_some())
        })
        .map(|day| day.date)
}

impl Reducible for App {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut app = App::clone(&self);
        app.revision += 1;
        match action {
            Action::OverviewAsked => {
                app.overview_asked = true;
                app.overview_due = false;
            }
            Action::Overview(answer) => {
                app.overview_asked = false;
                match answer {
                    Ok(overview) => {
                        app.overview = Some(Shared::new(*overview));
                        app.overview_failure = None;
                        app.note_conflicts();
                    }
                    Err(error) => app.overview_failure = Some(error),
                }
            }
            Action::InvitationsAsked => app.invitations.started(),
            Action::Invitations(answer) => app.invitations.arrived(answer),
            Action::GridAsked(span) => app.grids.started(span),
            Action::Grid(span, answer) => app.arrived(span, answer),
            Action::Pushed(push) => app.pushed(push),
            Action::Reload => {
                app.grids.outdate();
                app.invitations.outdate();
                app.overview_due = true;
            }
            Action::View(view) => {
                app.page = Page::Calendar;
                app.view = view;
                app.dialog = None;
            }
            Action::Step(steps) => {
                app.anchor = app.anchor.map(|anchor| app.view.step(anchor, steps));
                app.dialog = None;
                // Whoever walks on does not look for it any more.
                app.wanted = None;
            }
            Action::Today => {
                app.page = Page::Calendar;
                app.dialog = None;
                // Which day it is, the core is asked next.
                app.anchor = None;
            }
            Action::GoTo(date) => {
                app.page = Page::Calendar;
                app.anchor = Some(date);
                app.dialog = None;
            }
            Action::Zoom(date) => {
                app.view = View::Day;
                app.anchor = Some(date);
                app.dialog = None;
            }
            Action::Open(page) => {
                if page != Page::Calendar {
                    app.panel = None;
                }
                app.page = page;
                app.dialog = None;
            }
            Action::Show(dialog) => app.dialog = Some(dialog),
            Action::Close => app.dialog = None,
            Action::Beside(panel) => {
                app.page = Page::Calendar;
                app.panel = Some(panel);
                app.dialog = None;
            }
            Action::Alone => app.panel = None,
            Action::Follow(stretch) => {
                if let Some(Panel::Why(there)) = &mut app.panel {
                    *there = stretch;
                }
            }
            Action::Find { date, id } => {
                app.page = Page::Calendar;
                app.dialog = None;
                app.anchor = Some(date);
                app.wanted = Some(id);
                // Only where hours are drawn is there a place for the details to stand beside.
                if matches!(app.view, View::Month | View::Agenda) {
                    app.view = View::Day;
                }
            }
            Action::Try(change) => {
                let token = app.take_token();
                app.pending_mut().push(Pending {
                    token,
                    change,
                    settled: None,
                });
            }
            Action::Stored(token) => {
                app.grids.outdate();
                let epoch = app.grids.epoch();
                for pending in app
                    .pending_mut()
                    .iter_mut()
                    .filter(|pending| pending.token == token)
                {
                    pending.settled = Some(epoch);
                }
            }
            Action::Refused(token) => app.pending_mut().retain(|pending| pending.token != token),
            Action::Tell {
                text,
                failed,
                offer,
            } => app.tell(text, failed, offer),
            Action::Told(id) => app.toasts.retain(|toast| toast.id != id),
            Action::Sidebar(sidebar) => app.sidebar = sidebar,
            Action::Settings(settings) => app.patch(|overview| overview.settings = settings),
            Action::Calendar {
                account,
                calendar,
                shown,
                busy,
            } => app.patch(|overview| {
                let wanted = overview
                    .calendars
                    .iter_mut()
                    .find(|there| there.account == account && there.id == calendar);
                if let Some(there) = wanted {
                    there.shown = shown.unwrap_or(there.shown);
                    there.busy = busy.unwrap_or(there.busy);
                }
            }),
            Action::CalendarRules {
                account,
                calendar,
                rules,
            } => app.patch(|overview| {
                let wanted = overview
                    .calendars
                    .iter_mut()
                    .find(|there| there.account == account && there.id == calendar);
                if let Some(there) = wanted {
                    there.rules = rules;
                }
            }),
            Action::Autostart(on) => app.patch(|overview| overview.autostart = on),
            Action::Found => app.wanted = None,
            Action::Painted => app.painted = true,
        }
        Rc::new(app)
    }
}

#[cfg(test)]
mod tests;
