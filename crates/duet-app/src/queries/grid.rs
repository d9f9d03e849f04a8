//! Some days, laid out: blocks, columns, the all-day lane and the availability strip.
//!
//! Everything that depends on a zone happens here, once, so that the window only places numbers.

use std::ops::Range;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use duet_model::availability::{Combined, State, Stretch};
use duet_model::layout;
use duet_model::when::Interval;
use duet_model::zones::Zone;
use duet_wire::grid::{Bar, BlockView, DayView, GridView, HourMark, Piece, StripPiece};
use duet_wire::{ErrorCode, WireError};

use super::drawn;
use crate::app::App;
use crate::picture::Picture;
use crate::words;

/// A block is drawn at least this high, so that a short one stays legible and clickable; neighbours
/// are packed as if it were that long.
const LEGIBLE_MINUTES: u16 = 20;

/// More days than any view shows at once (six weeks of a month).
const DAYS_MAX: u8 = 42;

impl App {
    /// The days of a view.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for no days, more than 42, or dates beyond the calendar; otherwise
    /// when the database cannot be read.
    pub async fn grid(&self, from: NaiveDate, days: u8) -> Result<GridView, WireError> {
        let dates = dates(from, days)?;
        let zone = self.zone();
        let spans: Vec<Interval> = dates.iter().map(|date| zone.day(*date)).collect();
        let span = match (spans.first(), spans.last()) {
            (Some(first), Some(last)) => Interval {
                start: first.start,
                end: last.end,
            },
            _ => {
                return Err(WireError::new(
                    ErrorCode::Invalid,
                    "Ask for at least one day.",
                ));
            }
        };
        let picture = self.picture(span).await?;
        Ok(Layout {
            picture: &picture,
            zone: &zone,
        }
        .grid(&dates, &spans))
    }

    /// The first day of the week that contains now.
    pub async fn this_week(&self) -> Result<NaiveDate, WireError> {
        let settings = self
            .inner
            .store
            .settings()
            .await
            .map_err(|error| words::store(&error))?;
        let today = self.zone().to_wall(self.inner.host.now()).date();
        let back = (today.weekday().number_from_monday() + 7 - u32::from(settings.week_start)) % 7;
        Ok(today
            .checked_sub_days(Days::new(u64::from(back)))
            .unwrap_or(today))
    }
}

fn dates(from: NaiveDate, days: u8) -> Result<Vec<NaiveDate>, WireError> {
    if days == 0 || days > DAYS_MAX {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "Ask for 1 to 42 days at a time.",
        ));
    }
    if !(1900..=2200).contains(&from.year()) {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "Duet shows the years 1900 to 2200.",
        ));
    }
    Ok(from.iter_days().take(usize::from(days)).collect())
}

struct Layout<'a> {
    picture: &'a Picture,
    zone: &'a Zone,
}

impl Layout<'_> {
    fn grid(&self, dates: &[NaiveDate], spans: &[Interval]) -> GridView {
        let settings = &self.picture.settings;
        let mut blocks = Vec::new();
        if settings.show_external {
            blocks.extend(drawn::external(self.picture, self.zone));
        }
        if settings.show_manual {
            blocks.extend(drawn::manual(self.picture, self.zone));
        }
        blocks.extend(drawn::own(self.picture, self.zone));
        blocks.sort_by(|a, b| (a.start, b.end, &a.id).cmp(&(b.start, a.end, &b.id)));

        let (bars, bar_rows) = self.bars(&blocks, dates);
        let pieces = pieces(&blocks, spans);
        let folded = self.picture.combined();
        let strips = strips(&folded.combined, spans, |stretch| {
            folded.unknown_since(stretch.sources())
        });
        let today = self.zone.to_wall(self.picture.now).date();
        let days = dates
            .iter()
            .zip(spans)
            .zip(pieces.into_iter().zip(strips))
            .map(|((date, span), (pieces, strip))| DayView {
                date: *date,
                minutes: minutes(*span, span.end),
                start: span.start,
                hours: self
                    .zone
                    .hours(*date)
                    .into_iter()
                    .map(|(at, hour)| HourMark { at, hour })
                    .collect(),
                pieces,
                strip,
                today: *date == today,
                weekend: matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
            })
            .collect();
        GridView {
            from: dates.first().copied().unwrap_or(today),
            zone: self.zone.name().to_owned(),
            now: self.picture.now,
            blocks,
            days,
            bars,
            bar_rows,
        }
    }

    /// Blocks that last whole days of the display zone become bars of the all-day lane.
    fn bars(&self, blocks: &[BlockView], dates: &[NaiveDate]) -> (Vec<Bar>, u16) {
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
            return (Vec::new(), 0);
        };
        let column = |date: NaiveDate| (date - *first).num_days();
        let mut bars: Vec<Bar> = blocks
            .iter()
            .enumerate()
            .filter_map(|(index, block)| {
                let (from, to) = whole_days(block)?;
                let start = column(from).max(0);
                let end = column(to).min(column(*last) + 1);
                let span = u16::try_from(end - start).ok().filter(|span| *span > 0)?;
                Some(Bar {
                    block: u32::try_from(index).ok()?,
                    column: u16::try_from(start).ok()?,
                    span,
                    row: 0,
                    from_before: from < *first,
                    goes_on: to > last.checked_add_days(Days::new(1)).unwrap_or(*last),
                })
            })
            .collect();
        let spans: Vec<(u16, u16)> = bars.iter().map(|bar| (bar.column, bar.span)).collect();
        let rows = layout::rows(&spans);
        for (bar, row) in bars.iter_mut().zip(&rows.of) {
            bar.row = *row;
        }
        (bars, rows.count)
    }
}

/// The days of a block that lasts whole days, or begins and ends at midnight of the display zone.
fn whole_days(block: &BlockView) -> Option<(NaiveDate, NaiveDate)> {
    if let Some((first, until)) = block.all_day {
        return Some((first, until.max(first.succ_opt()?)));
    }
    let (start, end) = (block.wall_start, block.wall_end);
    (start.time() == NaiveTime::MIN && end.time() == NaiveTime::MIN && start.date() < end.date())
        .then(|| (start.date(), end.date()))
}

/// Minutes of elapsed time since the day began, within the day.
fn minutes(day: Interval, at: DateTime<Utc>) -> u16 {
    let minutes = (at.clamp(day.start, day.end) - day.start).num_minutes();
    u16::try_from(minutes).unwrap_or(u16::MAX)
}

/// The days, by index, that something touches. Days follow each other without a gap; what has no
/// length is on the day where it stands.
fn touched(days: &[Interval], start: DateTime<Utc>, end: DateTime<Utc>) -> Range<usize> {
    let first = days.partition_point(|day| day.end <= start);
    let after = days.partition_point(|day| day.start < end || day.start <= start);
    first..after.max(first)
}

/// What is drawn on each of the days.
fn pieces(blocks: &[BlockView], days: &[Interval]) -> Vec<Vec<Piece>> {
    let mut drawn: Vec<Vec<Piece>> = vec![Vec::new(); days.len()];
    for (index, block) in blocks.iter().enumerate() {
        if whole_days(block).is_some() {
            continue;
        }
        for at in touched(days, block.start, block.end) {
            let day = days[at];
            let top = minutes(day, block.start);
            let bottom = minutes(day, block.end);
            drawn[at].push(Piece {
                block: u32::try_from(index).unwrap_or(u32::MAX),
                top,
                length: bottom.saturating_sub(top).max(1),
                left: 0.0,
                width: 1.0,
                from_before: block.start < day.start,
                goes_on: block.end > day.end,
            });
        }
    }
    drawn.iter_mut().for_each(|day| place(day));
    drawn
}

/// Puts the pieces of a day in reading order and side by side.
fn place(pieces: &mut [Piece]) {
    pieces.sort_by_key(|piece| (piece.top, std::cmp::Reverse(piece.length), piece.block));
    let spans: Vec<(u16, u16)> = pieces
        .iter()
        .map(|piece| (piece.top, piece.top + piece.length))
        .collect();
    for (piece, place) in pieces.iter_mut().zip(layout::pack(&spans, LEGIBLE_MINUTES)) {
        piece.left = place.left;
        piece.width = place.width;
    }
}

/// The combined picture of each of the days. Neighbours that look the same are one: the window draws
/// a bar, and why it is so is asked for apart.
///
/// In milliseconds since the window began: a month of many calendars has thousands of stretches, most of
/// which vanish in their neighbours, and making dates of them took longer than drawing.
fn strips(
    combined: &Combined,
    days: &[Interval],
    unknown_since: impl Fn(Stretch<'_>) -> Option<DateTime<Utc>>,
) -> Vec<Vec<StripPiece>> {
    let begin = combined.window().start;
    let place = |at: DateTime<Utc>| u64::try_from((at - begin).num_milliseconds()).unwrap_or(0);
    let edges: Vec<(u64, u64)> = days
        .iter()
        .map(|day| (place(day.start), place(day.end)))
        .collect();
    let minutes = |from: u64, at: u64| u16::try_from((at - from) / 60_000).unwrap_or(u16::MAX);
    let mut strips: Vec<Vec<StripPiece>> = vec![Vec::new(); days.len()];
    // How many days no stretch from here on can touch.
    let mut past = 0;
    for (index, ((start, end), state)) in combined.measured().enumerate() {
        let as_of = match state {
            State::Unknown => combined.get(index).and_then(&unknown_since),
            State::Busy | State::Tentative => None,
        };
        while edges.get(past).is_some_and(|(_, until)| *until <= start) {
            past += 1;
        }
        for (strip, &(from, until)) in strips.iter_mut().zip(&edges).skip(past) {
            if end <= from {
                break;
            }
            let top = minutes(from, start.max(from));
            let length = minutes(from, end.min(until)).saturating_sub(top).max(1);
            match strip.last_mut() {
                Some(last)
                    if last.top + last.length >= top
                        && (last.state, last.as_of) == (state, as_of) =>
                {
                    last.length = last.length.max(top + length - last.top);
                }
                _ => strip.push(StripPiece {
                    top,
                    length,
                    state,
                    as_of,
                }),
            }
        }
    }
    strips
}

#[cfg(test)]
mod tests;
