//! What a person does, from the first frame to the core's answer: drawn at once, sent, and settled
//! or taken back with the reason in words.
//!
//! Every function returns immediately; nobody waits for a database or a network.

mod events;
mod rules;

use std::future::Future;

use chrono::{NaiveDateTime, TimeDelta};
use duet_model::account::Tier;
use duet_model::block::BlockId;
use duet_model::event::EventKey;
use duet_model::settings::Settings;
use duet_wire::blocks::{BlockDraft, Scope};
use duet_wire::event::EventPage;
use duet_wire::grid::BlockView;
use duet_wire::{Answer, Command, ErrorCode, Query, WireError};
use wasm_bindgen_futures::spawn_local;

use crate::hooks::Store;
use crate::ipc;
use crate::state::app::Action;
use crate::state::dialog::{Deed, Dialog, Which};
use crate::state::panel::Panel;
use crate::state::pending::{self, Change};
use crate::state::shared::Shared;
use crate::state::toast::Offer;

pub(crate) use events::{
    ask_delete, change_event, create_event, delete_event, discard, remove_from_google, respond,
    restore, retry,
};
pub(crate) use rules::{ask_people, save_rules};

/// Says something at the bottom of the window.
pub(crate) fn tell(store: &Store, text: impl Into<String>) {
    store.dispatch(Action::Tell {
        text: text.into(),
        failed: false,
        offer: None,
    });
}

/// Says at the bottom of the window what went wrong.
pub(crate) fn complain(store: &Store, error: WireError) {
    store.dispatch(Action::Tell {
        text: error.message,
        failed: true,
        offer: None,
    });
}

/// Sends a command whose effect comes back as a push; tells what went wrong.
fn order(store: &Store, command: Command) {
    let store = store.clone();
    spawn_local(async move {
        if let Err(error) = ipc::command(command).await {
            complain(&store, error);
            // What was drawn ahead may be wrong now.
            store.dispatch(Action::Reload);
        }
    });
}

/// Draws a change, does it, and settles it.
fn attempt(
    store: &Store,
    change: Change,
    deed: impl Future<Output = Result<Answer, WireError>> + 'static,
    then: impl FnOnce(&Store, Answer) + 'static,
) {
    let token = store.token();
    store.dispatch(Action::Try(change));
    let store = store.clone();
    spawn_local(async move {
        match deed.await {
            Ok(answer) => {
                store.dispatch(Action::Stored(token));
                then(&store, answer);
            }
            Err(error) => {
                store.dispatch(Action::Refused(token));
                if error.code == ErrorCode::NotFound {
                    store.dispatch(Action::Reload);
                }
                complain(&store, error);
            }
        }
    });
}

/// A block as it will look, from a draft.
fn preview(store: &Store, id: String, draft: &BlockDraft) -> BlockView {
    let shown = store.shown();
    let grid = shown.and_then(|span| store.grids.get(span).cloned());
    let grid = grid.unwrap_or_else(|| {
        let day = crate::state::view::Span {
            from: draft.start.date(),
            days: 1,
        };
        Shared::new(day.blank(None))
    });
    pending::preview(&grid, id, &draft.title, draft.start, draft.end)
}

/// A new block by hand.
pub(crate) fn create(store: &Store, draft: BlockDraft) {
    let block = preview(store, format!("new-{}", store.token()), &draft);
    let deed = ipc::command(Command::CreateBlock { draft });
    attempt(store, Change::Put(Box::new(block)), deed, |_, _| {});
}

/// Changes a block. For a repeating one as a whole, the draft means the chosen occurrence and the
/// series is shifted by as much.
pub(crate) fn update(store: &Store, block: &BlockView, draft: BlockDraft, scope: Scope) {
    let Some(manual) = block.manual.clone() else {
        return;
    };
    let mut drawn = preview(store, block.id.clone(), &draft);
    drawn.manual = Some(manual.clone());
    let shift = Shift::of(block, manual.occurrence);
    let deed = async move {
        let repeating = manual.repeat.is_some();
        let draft = match (repeating, scope) {
            (true, Scope::All) => shift.series(manual.id.clone(), draft).await?,
            (true, Scope::This) => BlockDraft {
                repeat: None,
                ..draft
            },
            (false, _) => draft,
        };
        let occurrence = repeating.then_some(manual.occurrence);
        ipc::command(Command::UpdateBlock {
            id: manual.id,
            occurrence,
            scope,
            draft,
        })
        .await
    };
    attempt(store, Change::Put(Box::new(drawn)), deed, |_, _| {});
}

/// From an occurrence on the display's wall clock to its series on the block's own.
struct Shift {
    from: NaiveDateTime,
    /// What the display's clock is ahead of the block's own, by this occurrence.
    zone: TimeDelta,
}

impl Shift {
    fn of(block: &BlockView, occurrence: NaiveDateTime) -> Self {
        Self {
            from: block.wall_start,
            zone: block.wall_start - occurrence,
        }
    }

    /// Reads the series and moves it as the draft moves the occurrence.
    async fn series(self, id: BlockId, draft: BlockDraft) -> Result<BlockDraft, WireError> {
        let Answer::Block(series) = ipc::query(Query::Block { id }).await? else {
            return Ok(draft);
        };
        let start = series.wall_start + self.zone + (draft.start - self.from);
        Ok(BlockDraft {
            start,
            end: start + (draft.end - draft.start),
            ..draft
        })
    }
}

/// A block or an event was dragged. A repeating one is asked about first.
pub(crate) fn drag(store: &Store, block: &BlockView, start: NaiveDateTime, end: NaiveDateTime) {
    if (block.wall_start, block.wall_end) == (start, end) {
        return;
    }
    match block.manual.as_ref().map(|manual| manual.repeat.is_some()) {
        Some(true) => store.dispatch(Action::Show(Dialog::Which(Box::new(Which {
            block: block.clone(),
            deed: Deed::Move(start, end),
        })))),
        Some(false) => {
            let draft = BlockDraft {
                title: block.title.clone(),
                start,
                end,
                repeat: None,
            };
            update(store, block, draft, Scope::All);
        }
        None => events::drag(store, block, start, end),
    }
}

/// Deletes a block, with the way back. A repeating one is asked about first, unless it was.
pub(crate) fn delete(store: &Store, block: &BlockView, scope: Option<Scope>) {
    let Some(manual) = block.manual.clone() else {
        return;
    };
    let scope = match (manual.repeat.is_some(), scope) {
        (true, None) => {
            store.dispatch(Action::Show(Dialog::Which(Box::new(Which {
                block: block.clone(),
                deed: Deed::Delete,
            }))));
            return;
        }
        (_, scope) => scope.unwrap_or_default(),
    };
    let change = match scope {
        Scope::All => Change::DropAll(manual.id.clone()),
        Scope::This => Change::Drop(block.id.clone()),
    };
    let occurrence = manual.repeat.is_some().then_some(manual.occurrence);
    let deed = ipc::command(Command::DeleteBlock {
        id: manual.id,
        occurrence,
        scope,
    });
    store.dispatch(Action::Close);
    attempt(store, change, deed, |store, answer| {
        if let Answer::Deleted { id, title } = answer {
            let text = match title.trim() {
                "" => "Block deleted.".to_owned(),
                // Isolated: direction marks in a title end with it.
                title => format!("“\u{2068}{title}\u{2069}” deleted."),
            };
            store.dispatch(Action::Tell {
                text,
                failed: false,
                offer: Some(Offer::Block(id)),
            });
        }
    });
}

/// Does what a line at the bottom offers: mostly to take something back.
pub(crate) fn take_up(store: &Store, offer: Offer) {
    let command = match offer {
        Offer::Changes => return store.dispatch(Action::Beside(Panel::Changes)),
        Offer::Block(id) => Command::UndoDelete { id },
        Offer::Event(undo) => Command::UndoEvent { undo },
        Offer::Answer(answer) => Command::Respond {
            key: answer.key,
            occurrence: answer.occurrence,
            response: answer.response,
        },
    };
    let shown = store.clone();
    let store = store.clone();
    spawn_local(async move {
        match ipc::command(command).await {
            Ok(_) => shown.dispatch(Action::Reload),
            Err(error) => complain(&store, error),
        }
    });
}

/// Takes the newest deletion back that is still told at the bottom of the window.
pub(crate) fn undo_last(store: &Store) {
    let last = store.toasts.iter().rev().find_map(|toast| {
        let offer = toast.offer.clone().filter(Offer::is_undo)?;
        Some((toast.id, offer))
    });
    if let Some((toast, offer)) = last {
        store.dispatch(Action::Told(toast));
        take_up(store, offer);
    }
}

/// Flips a calendar's switch.
pub(crate) fn set_calendar(
    store: &Store,
    account: String,
    calendar: String,
    shown: Option<bool>,
    busy: Option<bool>,
) {
    let (there, id) = (account.clone(), calendar.clone());
    store.dispatch(Action::Calendar {
        account: there,
        calendar: id,
        shown,
        busy,
    });
    order(
        store,
        Command::SetCalendar {
            account,
            calendar,
            shown,
            busy,
        },
    );
}

/// Changes the settings.
pub(crate) fn set(store: &Store, change: impl FnOnce(&mut Settings)) {
    let mut settings = store.settings();
    change(&mut settings);
    store.dispatch(Action::Settings(settings.clone()));
    order(store, Command::SetSettings { settings });
}

/// Start at login, or not.
pub(crate) fn set_autostart(store: &Store, on: bool) {
    store.dispatch(Action::Autostart(on));
    order(store, Command::SetAutostart { on });
}

/// Sync now.
pub(crate) fn sync(store: &Store, account: Option<String>) {
    order(store, Command::SyncNow { account });
}

/// Opens a page that belongs to an event, in the system's browser.
pub(crate) fn open_page(store: &Store, key: EventKey, page: EventPage) {
    order(store, Command::OpenEventPage { key, page });
}

/// Opens the consent page; with an address, for that account.
pub(crate) fn connect(store: &Store, tier: Tier, account: Option<String>) {
    order(store, Command::Connect { tier, account });
}

/// Connects the demo account.
pub(crate) fn connect_demo(store: &Store) {
    order(store, Command::ConnectDemo);
}

/// Opens the consent page once more.
pub(crate) fn connect_again(store: &Store) {
    order(store, Command::ConnectOpenAgain);
}

/// Gives the sign-in up, or puts its result away.
pub(crate) fn connect_cancel(store: &Store) {
    order(store, Command::ConnectCancel);
}

/// Removes an account.
pub(crate) fn disconnect(store: &Store, account: String, revoke: bool) {
    store.dispatch(Action::Close);
    let store = store.clone();
    spawn_local(async move {
        match ipc::command(Command::Disconnect {
            account: account.clone(),
            revoke,
        })
        .await
        {
            Ok(_) => {
                store.dispatch(Action::Reload);
                tell(&store, format!("{account} is disconnected."));
            }
            Err(error) => {
                complain(&store, error);
                store.dispatch(Action::Reload);
            }
        }
    });
}

/// An occasion to look for news. Nobody is told if it fails: it is no one's wish.
pub(crate) fn nudge() {
    spawn_local(async {
        ipc::command(Command::Nudge).await.ok();
    });
}
