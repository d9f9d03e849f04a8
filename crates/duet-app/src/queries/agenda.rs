//! `duet agenda`: the events and blocks of a span and what of it is unknown, one line each, ordered
//! by start.

use chrono::{DateTime, Utc};
use duet_wire::WireError;
use duet_wire::availability::{AgendaView, BlockState, SourceKind, When};
use duet_wire::grid::BlockView;

use super::busy::span;
use super::drawn;
use crate::app::App;
use crate::picture::Picture;

impl App {
    /// Every event and block of the shown calendars and every manual block that touches the span,
    /// and for each calendar that counts what of the span is unknown: an agenda without blocks is
    /// no free time.
    ///
    /// # Errors
    /// [`duet_wire::ErrorCode::Invalid`] for an empty or too long span; otherwise when the database
    /// cannot be read.
    pub async fn agenda(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<AgendaView>, WireError> {
        let picture = self.picture(span(from, to)?).await?;
        let zone = self.zone();
        let mut lines: Vec<(DateTime<Utc>, AgendaView)> = drawn::external(&picture, &zone)
            .into_iter()
            .chain(drawn::manual(&picture, &zone))
            .chain(drawn::own(&picture, &zone))
            .map(|block| (block.start, line(block)))
            .collect();
        lines.extend(unknown(&picture));
        lines.sort_by(|(a, line_a), (b, line_b)| (a, &line_a.id).cmp(&(b, &line_b.id)));
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }
}

fn line(block: BlockView) -> AgendaView {
    let (start, end) = match block.all_day {
        Some((first, until)) => (When::Date(first), When::Date(until)),
        None => (When::Instant(block.start), When::Instant(block.end)),
    };
    let id = match (&block.manual, &block.duet) {
        (Some(manual), _) => manual.id.0.clone(),
        (None, Some(own)) => own.id.0.clone(),
        (None, None) => block.id,
    };
    AgendaView {
        kind: block.source,
        id,
        calendar: block.calendar,
        account: block.account,
        title: if block.title.is_empty() {
            drawn::BUSY.to_owned()
        } else {
            block.title
        },
        start,
        end,
        all_day: block.all_day.is_some(),
        state: block.state,
        calendar_name: block.calendar_name,
        since: block.as_of,
        rule: Some(block.rule),
        blank: false,
    }
}

/// What of the span nobody can vouch for.
fn unknown(picture: &Picture) -> impl Iterator<Item = (DateTime<Utc>, AgendaView)> {
    let calendars = picture.unknown_spans().map(|(index, span, why)| {
        let calendar = &picture.calendars[index];
        let line = AgendaView {
            kind: SourceKind::Google,
            id: format!("unknown-{}", drawn::times_id(calendar, span)),
            calendar: Some(calendar.google_id.clone()),
            account: picture.email(calendar).map(str::to_owned),
            title: "Unknown".to_owned(),
            start: When::Instant(span.start),
            end: When::Instant(span.end),
            all_day: false,
            state: BlockState::Unknown,
            calendar_name: Some(calendar.name.clone()),
            since: picture.known[index].as_of,
            rule: Some(why.to_owned()),
            blank: true,
        };
        (span.start, line)
    });
    let blocks = picture.unworkable.iter().map(|block| {
        let line = AgendaView {
            kind: SourceKind::Manual,
            id: format!("unknown-{}", block.id.0),
            calendar: None,
            account: None,
            title: "Unknown".to_owned(),
            start: When::Instant(picture.span.start),
            end: When::Instant(picture.span.end),
            all_day: false,
            state: BlockState::Unknown,
            calendar_name: None,
            since: None,
            rule: Some("manual".to_owned()),
            blank: true,
        };
        (picture.span.start, line)
    });
    calendars.chain(blocks)
}
