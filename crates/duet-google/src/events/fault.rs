//! Why an event is quarantined, in words for people. Nothing of the event is quoted: the words end up
//! in logs and in the status.

/// What makes an event unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is not an event")]
    NotAnEvent,
    #[error("it has no id")]
    NoId,
    #[error("its id is longer than any real one")]
    LongId,
    #[error("its id holds characters that no real one has")]
    OddId,
    #[error("its {0} cannot be read")]
    Unreadable(&'static str),
    #[error("it does not say when it starts")]
    NoStart,
    #[error("its {0} has no offset, and its zone is not known")]
    UnknownZone(&'static str),
    #[error("it starts with a day and ends with a time, or the other way round")]
    DayAndTime,
    #[error("it ends before it starts")]
    Backwards,
    #[error("its repetition is longer than any real one")]
    LongRecurrence,
    #[error("it is a cancelled occurrence that does not say which")]
    NoOriginal,
}
