//! The sidebar: the month, what is shown and counted, and where there is free time.

use duet_wire::accounts::{AccountView, CalendarState, CalendarView};
use yew::prelude::*;

use crate::components::calendar_row::CalendarRow;
use crate::components::icon::{Icon, icon};
use crate::components::invitations::InvitationsButton;
use crate::components::mini_month::MiniMonth;
use crate::components::switch::Switch;
use crate::dates;
use crate::deeds;
use crate::hooks::{use_now, use_store};
use crate::state::{free, place};

/// How many free stretches are listed.
const LISTED: usize = 6;

/// So many calendars of an account are listed at most, until more are asked for.
const MANY: usize = 20;

/// The sidebar.
#[component]
pub(crate) fn SidebarView() -> Html {
    let store = use_store();
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let settings = &overview.settings;
    let accounts = &overview.status.accounts;
    let flip = |external: bool| {
        let store = store.clone();
        Callback::from(move |on: bool| {
            deeds::set(&store, |settings| {
                if external {
                    settings.show_external = on
                } else {
                    settings.show_manual = on
                }
            });
        })
    };
    html! {
        <aside class="sidebar" aria-label="Calendars">
            <MiniMonth />
            <InvitationsButton />
            <section>
                <h3><span>{ "Show" }</span></h3>
                if !accounts.is_empty() {
                    <div class="calendar-row one">
                        <i class="swatch all" aria-hidden="true"></i>
                        <span class="name">{ "From Google" }</span>
                        <Switch on={settings.show_external} label="Show external" hint="Show what comes from Google (G)" testid="toggle-external" onchange={flip(true)} />
                    </div>
                }
                <div class="calendar-row one">
                    <span class="hand" aria-hidden="true">{ icon(Icon::Hand) }</span>
                    <span class="name">{ "By hand" }</span>
                    <Switch on={settings.show_manual} label="Show manual" hint="Show what was made by hand (H)" testid="toggle-manual" onchange={flip(false)} />
                </div>
            </section>
            { for accounts.iter().map(|account| html! { <Account key={account.email.clone()} account={account.clone()} /> }) }
            <FreeTime />
        </aside>
    }
}

/// What an account's section needs.
#[derive(Properties, PartialEq)]
struct AccountProps {
    /// The account.
    account: AccountView,
}

/// An account's calendars: all of them, or of very many the ones that matter until more are asked
/// for. A page with 250 rows of switches takes a second to draw.
#[component]
fn Account(props: &AccountProps) -> Html {
    let store = use_store();
    let all = use_state_eq(|| false);
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let account = &props.account;
    // What Google hides is in the settings; here it would only be long.
    let mine: Vec<&CalendarView> = overview
        .calendars
        .iter()
        .filter(|calendar| calendar.account == account.email)
        .filter(|calendar| !calendar.hidden || calendar.busy)
        .collect();
    let rows = if *all { mine.clone() } else { few(&mine) };
    let left = mine.len() - rows.len();
    let more = {
        let all = all.clone();
        move |_: MouseEvent| all.set(!*all)
    };
    html! {
        <section>
            <h3 title={account.email.clone()}>
                <span>{ if account.demo { "Demo account".to_owned() } else { account.email.clone() } }</span>
                <small>{ "shown · counts" }</small>
            </h3>
            { for rows.into_iter().map(|calendar| html! { <CalendarRow key={calendar.id.clone()} calendar={calendar.clone()} /> }) }
            if mine.is_empty() {
                <p class="quiet">{ if account.syncing { "Asking Google for the list…" } else { "No calendars yet" } }</p>
            }
            if left > 0 {
                <button class="button quiet" data-testid="calendars-more" onclick={more}>{ format!("{left} more calendars") }</button>
            } else if *all && mine.len() > MANY {
                <button class="button quiet" data-testid="calendars-fewer" onclick={more}>{ "Fewer calendars" }</button>
            }
        </section>
    }
}

/// Of more than [`MANY`] calendars the first that are shown or in trouble; in their order.
fn few<'a>(all: &[&'a CalendarView]) -> Vec<&'a CalendarView> {
    if all.len() <= MANY {
        return all.to_vec();
    }
    let matters = |it: &&&CalendarView| {
        it.shown || it.primary || it.busy && it.state == CalendarState::Failing
    };
    all.iter().filter(matters).take(MANY).copied().collect()
}

/// The free stretches of the working days in view, from the strips: what Duet is for.
#[component]
fn FreeTime() -> Html {
    let store = use_store();
    let now = use_now();
    let hours = store.settings().working_hours;
    let Some(grid) = store
        .shown()
        .filter(|span| span.days <= 7)
        .and_then(|span| store.grids.get(span).cloned())
    else {
        return html! {};
    };
    let free = free::free(&grid.days, hours, |day| (now - day.start).num_minutes());
    // Free time is looked for on working days from now on; where none is left there is nothing to say.
    let over = grid.days.iter().all(|day| {
        let end = i64::from(place::hour_at(day, hours.1));
        day.weekend || (now - day.start).num_minutes() >= end
    });
    if over {
        return html! {};
    }
    let more = free.len().saturating_sub(LISTED);
    let name = if grid.days.len() == 1 {
        "Free this day"
    } else {
        "Free this week"
    };
    html! {
        <section class="free" data-testid="free-time">
            <h3><span>{ name }</span><small>{ format!("{} – {}", hours.0, hours.1) }</small></h3>
            if free.is_empty() {
                <p class="quiet">{ "No hour is free in the working hours." }</p>
            }
            <ul>
                { for free.iter().take(LISTED).map(|free| {
                    let go = {
                        let (store, start, end) = (store.clone(), free.start, free.end);
                        move |_| crate::components::editor::open_span(&store, start, end.min(start + chrono::TimeDelta::hours(1)))
                    };
                    let day = dates::weekday_short(chrono::Datelike::weekday(&free.date));
                    html! {
                        <li key={free.start.to_string()}>
                            <button onclick={go} title="Block an hour of it">
                                <span class="day">{ day }</span>
                                <span>{ dates::span(free.start, free.end) }</span>
                                if !free.certain {
                                    <small class="age">{ "not certain" }</small>
                                }
                            </button>
                        </li>
                    }
                }) }
            </ul>
            if more > 0 {
                <p class="quiet">{ format!("and {more} more") }</p>
            }
            if grid.days.len() > 1 && free.iter().any(|free| !free.certain) {
                <p class="quiet">{ "Not certain: a calendar that counts could not be checked." }</p>
            }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use duet_model::calendar::AccessRole;
    use duet_model::verdict::Overrides;

    use super::*;

    fn calendar(n: usize, shown: bool, state: CalendarState) -> CalendarView {
        CalendarView {
            id: n.to_string(),
            account: "ana@example.com".into(),
            name: n.to_string(),
            color: "#336699".into(),
            primary: n == 0,
            access_role: AccessRole::Owner,
            busy: true,
            shown,
            hidden: false,
            state,
            last_synced_at: None,
            last_error: None,
            details: true,
            events: 0,
            unreadable: 0,
            unfollowed: 0,
            rules: Overrides::default(),
        }
    }

    #[test]
    fn of_many_calendars_those_that_matter_are_listed() {
        use CalendarState::{Failing, Ok};
        let listed = |all: &[CalendarView]| {
            let all: Vec<&CalendarView> = all.iter().collect();
            let few = few(&all);
            few.iter().map(|it| it.id.clone()).collect::<Vec<_>>()
        };
        let some: Vec<_> = (0..20).map(|n| calendar(n, false, Ok)).collect();
        assert_eq!(listed(&some).len(), 20, "twenty are not many");
        let mut many: Vec<_> = (0..250).map(|n| calendar(n, false, Ok)).collect();
        assert_eq!(listed(&many), ["0"], "the account's own is always there");
        many[7].shown = true;
        many[240].state = Failing;
        assert_eq!(listed(&many), ["0", "7", "240"]);
        for calendar in &mut many {
            calendar.shown = true;
        }
        assert_eq!(listed(&many).len(), 20);
    }
}
