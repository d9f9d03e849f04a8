//! Searching events of shown calendars, Duet's own and blocks made by hand, the nearest to now first.

mod own;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::block::ManualBlock;
use duet_model::duet_event::{Content, DuetEvent};
use duet_model::when::Interval;
use duet_model::zones::Zone;
use duet_store::{OccurrenceTime, SearchHit};
use duet_wire::WireError;
use duet_wire::availability::{BlockState, SourceKind, When};
use duet_wire::search::HitView;

use super::drawn;
use super::spellings::spellings;
use crate::app::App;
use crate::picture::{Picture, occurrences};
use crate::words;

/// The most that is found at once.
const LIMIT_MAX: u16 = 200;
/// How far around now an occurrence of a repeating block is looked for.
const AROUND: TimeDelta = TimeDelta::days(400);

impl App {
    /// Events in whose title, place or people, own events in whose title or place, and blocks in whose
    /// title every word of `text` begins a word, whatever the case; the nearest to now first. Nothing for an empty text. Where
    /// that leaves room, a word may also be written joined or apart: "standup" finds "Stand-up".
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn search(&self, text: &str, limit: u16) -> Result<Vec<HitView>, WireError> {
        let limit = limit.clamp(1, LIMIT_MAX);
        let now = self.inner.host.now();
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            let mut hits = snapshot.search(text, u32::from(limit), now).await?;
            for text in spellings(text) {
                if hits.len() >= usize::from(limit) {
                    break;
                }
                let more = snapshot.search(&text, u32::from(limit), now).await?;
                for hit in more {
                    if hits.iter().all(|known| known.event != hit.event) {
                        hits.push(hit);
                    }
                }
            }
            // A copy of an own event is found as that.
            let hidden = snapshot.hidden_events().await?;
            hits.retain(|hit| hidden.binary_search(&hit.event).is_err());
            let mut found = Vec::with_capacity(hits.len());
            for hit in hits {
                let event = snapshot.event(hit.event).await?;
                found.extend(event.map(|event| (hit, event)));
            }
            let own = (snapshot.duet_events().await?, snapshot.links().await?);
            drop(snapshot);
            Ok((found, own, self.inner.store.manual_blocks().await?))
        };
        let (found, (own, links), blocks) = read.await.map_err(|error| words::store(&error))?;
        let zone = self.zone();
        // One picture of now for calendars, rules and health.
        let picture = self
            .picture(Interval {
                start: now,
                end: now + TimeDelta::minutes(1),
            })
            .await?;
        let mut hits: Vec<(DateTime<Utc>, HitView)> = found
            .into_iter()
            .filter_map(|(hit, stored)| of_event(&picture, &hit, &stored.event, &zone))
            .collect();
        let query = typed_words(text);
        if !query.is_empty() {
            let fits = |block: &&ManualBlock| stand_in(&query, &block.title);
            let blocks = blocks.iter().filter(fits);
            hits.extend(blocks.filter_map(|block| self.of_block(block, now, &zone)));
            let fits = |event: &DuetEvent| {
                let Content {
                    title, location, ..
                } = &event.content;
                stand_in(&query, &format!("{title} {location}"))
            };
            hits.extend(own::found(
                &own,
                &links,
                fits,
                &picture,
                &own::Around {
                    now,
                    zone: &zone,
                    zones: &self.inner.zones,
                },
            ));
        }
        hits.sort_by_key(|(at, _)| (*at - now).abs());
        hits.truncate(usize::from(limit));
        Ok(hits.into_iter().map(|(_, hit)| hit).collect())
    }

    fn of_block(
        &self,
        block: &ManualBlock,
        now: DateTime<Utc>,
        zone: &Zone,
    ) -> Option<(DateTime<Utc>, HitView)> {
        let around = Interval {
            start: now - AROUND,
            end: now + AROUND,
        };
        let zones = &self.inner.zones;
        let (near, _) = occurrences(block, zones, around);
        let nearest = near
            .into_iter()
            .min_by_key(|one| (one.span.start - now).abs())
            .map(|one| one.span);
        let span = match nearest {
            Some(span) => span,
            None => {
                let home = zones.zone(&block.zone)?;
                Interval::new(home.to_instant(block.start), home.to_instant(block.end))?
            }
        };
        let wall_start = zone.to_wall(span.start);
        let hit = HitView {
            kind: SourceKind::Manual,
            event: None,
            id: drawn::manual_id(block, span),
            title: block.title.clone(),
            location: None,
            calendar: None,
            calendar_name: None,
            color: None,
            account: None,
            start: When::Instant(span.start),
            end: When::Instant(span.end),
            wall_start,
            wall_end: zone.to_wall(span.end),
            date: wall_start.date(),
            repeats: block.repeat.is_some(),
            state: BlockState::Busy,
        };
        Some((span.start, hit))
    }
}

fn of_event(
    picture: &Picture,
    hit: &SearchHit,
    event: &duet_model::event::Event,
    zone: &Zone,
) -> Option<(DateTime<Utc>, HitView)> {
    let index = picture
        .calendars
        .iter()
        .position(|it| it.id == hit.calendar)?;
    let calendar = &picture.calendars[index];
    let own = OccurrenceTime::between(&event.start, &event.end);
    let time = hit.nearest.or(own)?;
    let (wall_start, wall_end) = drawn::walls(&time, zone);
    let start = match time {
        OccurrenceTime::At { start, .. } => start,
        OccurrenceTime::Days { first, .. } => zone.day(first).start,
    };
    let facts = duet_model::verdict::Facts::of(event);
    let facts = picture.answers.over(hit.event, &time, facts);
    let judgement = duet_model::verdict::verdict(facts, &event.title, &picture.rules[index]);
    let judged = crate::picture::Occurring {
        key: hit.event,
        calendar: index,
        time,
        start,
        end: start,
        title: event.title.as_str().into(),
        facts,
        judgement,
    };
    let (from, to) = drawn::when(&time);
    let view = HitView {
        kind: SourceKind::Google,
        event: Some(hit.event),
        id: drawn::event_id(hit.event, &time),
        title: drawn::title(&event.title, calendar),
        location: event.location.clone().filter(|place| !place.is_empty()),
        calendar: Some(calendar.google_id.clone()),
        calendar_name: Some(calendar.name.clone()),
        color: Some(calendar.color.clone()),
        account: picture.email(calendar).map(str::to_owned),
        start: from,
        end: to,
        wall_start,
        wall_end,
        date: wall_start.date(),
        repeats: event.is_master() || event.series.is_some(),
        state: drawn::state_of(picture, &judged).0,
    };
    Some((start, view))
}

/// The words of a search, as they are compared: what was typed as one is one, so that "e-mail" is
/// "email".
fn typed_words(text: &str) -> Vec<String> {
    let joined = |word: &str| split(word).collect::<String>();
    let words = text.split_whitespace().map(joined);
    words.filter(|word| !word.is_empty()).collect()
}

/// Does every word begin a word of the title, or one that is written apart there?
fn stand_in(query: &[String], title: &str) -> bool {
    let title: Vec<String> = split(title).collect();
    let begins = |word: &String| {
        let own = title.iter().any(|own| own.starts_with(word.as_str()));
        own || title
            .windows(2)
            .any(|pair| pair.concat().starts_with(word.as_str()))
    };
    query.iter().all(begins)
}

fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_begins_a_word_of_the_title() {
        for (query, title, fits) in [
            ("den", "Dentist", true),
            ("DEN", "my dentist", true),
            ("tist", "Dentist", false),
            ("dr den", "Dentist, Dr. Kim", true),
            ("dr cat", "Dentist, Dr. Kim", false),
            ("zürich", "Flug nach Zürich", true),
            ("standup", "Stand-up", true),
            ("stand-up", "Standup", true),
            ("stand up", "Standup", false),
            ("gold", "Old garage", false),
        ] {
            assert_eq!(
                stand_in(&typed_words(query), title),
                fits,
                "{query} in {title}"
            );
        }
        assert!(typed_words(" - ").is_empty());
    }
}
