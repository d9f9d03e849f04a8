//! `duet agenda`: the blocks of a span and what of it is unknown, one line each, ordered by start.

use chrono::{DateTime, Utc};
use duet_model::calendar::Health;
use duet_wire::WireError;
use duet_wire::availability::{AgendaView, BlockState, SourceKind, When};

use super::busy::span;
use super::grid::external_id;
use crate::app::App;

impl App {
    /// Every block of the shown calendars and every manual block that touches the span, and for each
    /// calendar that counts what of the span is unknown: an agenda without blocks is no free time.
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
        let mut lines: Vec<(DateTime<Utc>, AgendaView)> = Vec::new();
        for block in &picture.external {
            let Some(calendar) = picture.calendar(block.calendar) else {
                continue;
            };
            if !calendar.shown {
                continue;
            }
            let state = match calendar.health(picture.now) {
                Health::Ok => BlockState::Busy,
                Health::Stale | Health::Failing => BlockState::Unknown,
            };
            lines.push((
                block.span.start,
                AgendaView {
                    kind: SourceKind::Google,
                    id: external_id(calendar, block.span),
                    calendar: Some(calendar.google_id.clone()),
                    account: picture.email(calendar).map(str::to_owned),
                    title: "Busy".to_owned(),
                    start: When::Instant(block.span.start),
                    end: When::Instant(block.span.end),
                    all_day: false,
                    state,
                    calendar_name: Some(calendar.name.clone()),
                    since: calendar.last_synced_at,
                    rule: None,
                },
            ));
        }
        for (block, occurrences) in &picture.manual {
            for occurrence in occurrences {
                lines.push((
                    occurrence.span.start,
                    AgendaView {
                        kind: SourceKind::Manual,
                        id: block.id.0.clone(),
                        calendar: None,
                        account: None,
                        title: if block.title.is_empty() {
                            "Busy".to_owned()
                        } else {
                            block.title.clone()
                        },
                        start: When::Instant(occurrence.span.start),
                        end: When::Instant(occurrence.span.end),
                        all_day: false,
                        state: BlockState::Busy,
                        calendar_name: None,
                        since: None,
                        rule: None,
                    },
                ));
            }
        }
        for (calendar, span, why) in picture.unknown_spans() {
            lines.push((
                span.start,
                AgendaView {
                    kind: SourceKind::Google,
                    id: format!("unknown-{}", external_id(calendar, span)),
                    calendar: Some(calendar.google_id.clone()),
                    account: picture.email(calendar).map(str::to_owned),
                    title: "Unknown".to_owned(),
                    start: When::Instant(span.start),
                    end: When::Instant(span.end),
                    all_day: false,
                    state: BlockState::Unknown,
                    calendar_name: Some(calendar.name.clone()),
                    since: calendar.last_synced_at,
                    rule: Some(why.to_owned()),
                },
            ));
        }
        for block in picture.unworkable() {
            lines.push((
                picture.span.start,
                AgendaView {
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
                },
            ));
        }
        lines.sort_by(|(a, line_a), (b, line_b)| (a, &line_a.id).cmp(&(b, &line_b.id)));
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }
}
