//! Changes of the busy rules, and the people whose time is asked for.

use duet_model::verdict::Overrides;
use duet_wire::Command;
use duet_wire::find::FindTime;
use duet_wire::why::RulesDraft;

use crate::deeds::{order, set};
use crate::hooks::Store;
use crate::state::app::Action;

/// Stores rules that were drafted and looked at.
pub(crate) fn save_rules(store: &Store, draft: RulesDraft) {
    match draft {
        RulesDraft::All { rules } => set(store, |settings| settings.rules = rules),
        RulesDraft::Calendar {
            account,
            calendar,
            rules,
        } => set_calendar_rules(store, account, calendar, rules),
    }
}

/// Sets where one calendar deviates.
fn set_calendar_rules(store: &Store, account: String, calendar: String, rules: Overrides) {
    store.dispatch(Action::CalendarRules {
        account: account.clone(),
        calendar: calendar.clone(),
        rules: rules.clone(),
    });
    order(
        store,
        Command::SetCalendarRules {
            account,
            calendar,
            rules,
        },
    );
}

/// Has Google asked when people are busy.
pub(crate) fn ask_people(store: &Store, find: FindTime) {
    order(store, Command::AskPeople { find });
}
