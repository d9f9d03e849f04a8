//! What an event says, and what was sent of it beyond that, as one packed value.
//!
//! An event is a kilobyte of JSON in which nearly everything is a name, a zone, a host or an id that
//! stands there three times. Packed against a text that has the usual words already, it is a third of
//! that, for three microseconds: less than SQLite takes to write what is saved.

use duet_model::event::Event;
use lz4_flex::block::{compress_with_dict, decompress_with_dict};

use crate::row::json_of;

/// What comes first, and tells how the rest is kept: as it is...
const PLAIN: u8 = b'p';
/// ...or as a length in four bytes, little endian, and a block of LZ4.
const PACKED: u8 = b'z';

/// No event is that long: what Google takes is bounded, and what is read of it as well.
const LONGEST: usize = 64 << 20;

/// What packed values refer to. Never to be changed: they could not be read again. Another one needs
/// another first byte.
const WORDS: &[u8] = br#""guestsCanModify":true,"guestsCanInviteOthers":false,"extendedProperties":{"private":{"shared":{"conferenceData":{"conferenceSolution":{"key":{"type":"hangoutsMeet"},"name":"Google Meet"},"entryPoints":[{"entryPointType":"video","uri":"https://meet.google.com/","label":"meet.google.com/"},{"entryPointType":"phone","uri":"tel:+"}]},"conferenceId":"","hangoutLink":"https://meet.google.com/","attachments":[{"fileUrl":"https://drive.google.com/","mimeType":"application/"}],"colorId":"","attendees":[{"email":"@gmail.com","displayName":"","responseStatus":"needsAction","self":true,"organizer":true,"optional":true}],"visibility":"private","eventType":"outOfOffice","transparent":true,"description":"","location":"","status":"cancelled","my_response":"accepted","attendees":[{"email":"@gmail.com","name":"","response":"needs_action","response":"declined","me":true,"response":"tentative","organizer":true,"optional":true},{"recurrence":["RRULE:FREQ=MONTHLY;BYDAY=;INTERVAL=2;COUNT=","EXDATE;TZID=Europe/London:","RRULE:FREQ=DAILY","RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270101T000000Z"],"start":{"date":"2027-01-01"},"end":{"date":"2027-01-01"},"organizer":{"email":"@group.calendar.google.com","name":""},{"id":"_20270101T000000Z","ical_uid":"@google.com","etag":"\"3000000000000000\"","title":"","start":{"at":{"at":"2027-01-01T00:00:00Z","zone":"America/New_York"}},"end":{"at":{"at":"2027-01-01T00:00:00Z","zone":"Europe/Berlin"}},"series":"","original_start":{"at":{"at":"2027-01-01T00:00:00Z","zone":"Europe/London"}},"organizer":{"email":"","link":"https://www.google.com/calendar/event?eid=","reminders":{"use_default":true},"updated":"2027-01-01T00:00:00Z"}
{"creator":{"email":"@gmail.com","self":true},"organizer":{"displayName":"","email":"","self":true},"reminders":{"useDefault":true},"sequence":0}"#;

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBody(Vec<u8>);

impl EventBody {
    /// Packs what Duet understands of an event, and `raw`: what was sent that the event does not
    /// hold, each member byte for byte.
    pub fn of(event: &Event, raw: &str) -> Self {
        let mut text = json_of(event);
        text.push('\n');
        text.push_str(raw);
        let Some(length) = u32::try_from(text.len())
            .ok()
            .filter(|_| text.len() <= LONGEST)
        else {
            // It can still be kept, and then read.
            return Self([&[PLAIN], text.as_bytes()].concat());
        };
        let packed = compress_with_dict(text.as_bytes(), WORDS);
        let mut bytes = Vec::with_capacity(1 + 4 + packed.len());
        bytes.push(PACKED);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&packed);
        Self(bytes)
    }

    /// As it was stored.
    pub(crate) fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes it apart; in words why that is not possible.
    pub(crate) fn unpack(&self) -> Result<Unpacked, &'static str> {
        let text = match self.0.split_first() {
            Some((&PLAIN, text)) => text.to_vec(),
            Some((&PACKED, rest)) => {
                let (length, packed) = rest.split_first_chunk().ok_or("it is cut short")?;
                let length = usize::try_from(u32::from_le_bytes(*length))
                    .ok()
                    .filter(|length| *length <= LONGEST)
                    .ok_or("it is longer than any event")?;
                decompress_with_dict(packed, length, WORDS).map_err(|_| "it cannot be unpacked")?
            }
            _ => return Err("it is of no kind that is known"),
        };
        let text = String::from_utf8(text).map_err(|_| "it is not a text")?;
        let event = text.find('\n').ok_or("its event does not end")?;
        Ok(Unpacked { text, event })
    }
}

/// An event, and what was sent beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unpacked {
    text: String,
    /// Where the event ends.
    event: usize,
}

impl Unpacked {
    /// [`Event`] as JSON.
    pub(crate) fn event(&self) -> &str {
        &self.text[..self.event]
    }

    /// What was sent that the event does not hold.
    pub(crate) fn raw(&self) -> &str {
        &self.text[self.event + 1..]
    }
}

#[cfg(test)]
mod tests;
