//! What is said before it is done, and asked where it reaches further than the event that was named.

use std::io::{BufRead, IsTerminal, Write};

use duet_model::outbox::Mailing;
use duet_wire::duet_event::Undone;
use duet_wire::{ErrorCode, WireError};

use super::arguments::Mail;
use super::print;

/// Says who will be mailed and what is undone of single occurrences, and asks; without a terminal `--yes`
/// must have said so.
pub(super) fn agree(
    mailing: &Mailing,
    undone: Undone,
    mail: &Mail,
    doing: &str,
) -> Result<(), WireError> {
    let lines = print::mailing(mailing, doing);
    for line in lines.into_iter().chain(print::undone(undone, doing)) {
        // To stderr: what is printed for scripts stays clean.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
    if mail.yes {
        return Ok(());
    }
    match (mailing.mailed.is_empty(), undone.is_nothing()) {
        (true, true) => Ok(()),
        (true, false) => ask(
            "Nothing was done, because of what becomes of single occurrences. Add --yes to agree.",
        ),
        (false, true) => ask(
            "Nothing was done, because somebody would be mailed. Add --yes to agree, or --notify none to \
             mail nobody.",
        ),
        (false, false) => ask(
            "Nothing was done, because somebody would be mailed, and because of what becomes of single \
             occurrences. Add --yes to agree.",
        ),
    }
}

/// Asks whether to go on; without a terminal nobody can be asked, and this is why nothing is done.
pub(in crate::cli) fn ask(unasked: &str) -> Result<(), WireError> {
    let refused = |words: &str| Err(WireError::new(ErrorCode::Invalid, words));
    if !std::io::stdin().is_terminal() {
        return refused(unasked);
    }
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "Go on? [y/N] ").and_then(|()| out.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match (read, answer.trim().to_ascii_lowercase().as_str()) {
        (Ok(_), "y" | "yes") => Ok(()),
        _ => refused("Nothing was done."),
    }
}
