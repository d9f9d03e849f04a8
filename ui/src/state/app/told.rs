//! What is told at the bottom of the window.

use super::App;
use crate::state::toast::{Offer, Toast};

impl App {
    /// A line at the bottom of the window.
    pub(super) fn tell(&mut self, text: String, failed: bool, offer: Option<Offer>) {
        let id = self.take_token();
        // The same complaint twice is one complaint.
        self.toasts.retain(|toast| toast.text != text);
        self.toasts.push(Toast {
            id,
            text,
            failed,
            offer,
        });
        if self.toasts.len() > 3 {
            self.toasts.remove(0);
        }
    }

    /// Tells of what was changed here and in Google at once, when it comes up; not of what is old.
    pub(super) fn note_conflicts(&mut self) {
        let Some(overview) = &self.overview else {
            return;
        };
        let newest = overview.status.last_conflict.clone();
        let before = self
            .clashed
            .replace(newest.as_ref().map_or(0, |news| news.id));
        let news = newest.zip(before).filter(|(news, old)| news.id > *old);
        if let Some((news, _)) = news {
            self.tell(news.words, false, Some(Offer::Changes));
        }
    }
}
