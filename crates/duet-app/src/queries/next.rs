//! The line at the top of the tray's menu: what comes next.

use chrono::TimeDelta;
use duet_model::availability::State;
use duet_model::when::Interval;

use crate::app::App;

/// How far ahead "next" looks.
const AHEAD: TimeDelta = TimeDelta::hours(24);

impl App {
    /// "Busy until 10:30", "Free until 14:00", and the like, for the next 24 hours. Titles are not
    /// shown, because a tray is open to everybody who looks.
    pub async fn next_line(&self) -> String {
        let now = self.inner.host.now();
        let span = Interval {
            start: now,
            end: now + AHEAD,
        };
        let Ok(picture) = self.picture(span).await else {
            return "Nothing is known".to_owned();
        };
        let folded = picture.combined();
        let zone = self.zone();
        let clock = |at| zone.to_wall(at).format("%H:%M").to_string();
        let mut stretches = folded.combined.stretches().peekable();
        let Some(first) = stretches.next() else {
            return "Free for the next 24 hours".to_owned();
        };
        if first.span.start > now {
            return match first.state {
                State::Unknown => format!("Free until {}, then unknown", clock(first.span.start)),
                State::Busy | State::Tentative => format!("Free until {}", clock(first.span.start)),
            };
        }
        // Neighbouring stretches of one state differ in their sources only.
        let mut end = first.span.end;
        while let Some(next) =
            stretches.next_if(|next| next.span.start == end && next.state == first.state)
        {
            end = next.span.end;
        }
        let word = match first.state {
            State::Busy => "Busy",
            State::Tentative => "Perhaps busy",
            State::Unknown => "Unknown",
        };
        if end >= span.end {
            format!("{word} for the next 24 hours")
        } else {
            format!("{word} until {}", clock(end))
        }
    }
}
