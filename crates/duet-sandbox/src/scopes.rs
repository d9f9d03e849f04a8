//! The OAuth scopes Google Calendar knows, and which of them each method accepts (any one suffices).
//! Owns the table alone; who was granted what is the grants' business.

/// Read, write and share everything.
pub const CALENDAR: &str = "https://www.googleapis.com/auth/calendar";
/// Read everything; the default of Duet.
pub const CALENDAR_READONLY: &str = "https://www.googleapis.com/auth/calendar.readonly";
/// Read and write events, and nothing else: neither the list of calendars nor free/busy.
pub const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
/// Read events only.
pub const EVENTS_READONLY: &str = "https://www.googleapis.com/auth/calendar.events.readonly";
/// Write events on calendars one owns.
pub const EVENTS_OWNED: &str = "https://www.googleapis.com/auth/calendar.events.owned";
/// Read events on calendars one owns.
pub const EVENTS_OWNED_READONLY: &str =
    "https://www.googleapis.com/auth/calendar.events.owned.readonly";
/// Availability on calendars one can reach (the tier *busy*).
pub const EVENTS_FREEBUSY: &str = "https://www.googleapis.com/auth/calendar.events.freebusy";
/// Availability on one's own calendars.
pub const FREEBUSY: &str = "https://www.googleapis.com/auth/calendar.freebusy";
/// Read and write the list of calendars.
pub const CALENDAR_LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist";
/// Read the list of calendars (the tier *busy*).
pub const CALENDAR_LIST_READONLY: &str =
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
/// Read and write calendar properties.
pub const CALENDARS: &str = "https://www.googleapis.com/auth/calendar.calendars";
/// Read calendar properties.
pub const CALENDARS_READONLY: &str = "https://www.googleapis.com/auth/calendar.calendars.readonly";
/// Calendars made by the application itself.
pub const APP_CREATED: &str = "https://www.googleapis.com/auth/calendar.app.created";
/// OpenID Connect: an id token with the account's `sub`.
pub const OPENID: &str = "openid";
/// The address in the id token.
pub const EMAIL: &str = "email";
/// The address, under its long name.
pub const USERINFO_EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
/// Name and picture.
pub const PROFILE: &str = "profile";

pub(crate) const LIST_CALENDARS: &[&str] = &[
    CALENDAR,
    CALENDAR_READONLY,
    CALENDAR_LIST,
    CALENDAR_LIST_READONLY,
];
pub(crate) const QUERY_FREEBUSY: &[&str] =
    &[CALENDAR, CALENDAR_READONLY, FREEBUSY, EVENTS_FREEBUSY];
pub(crate) const READ_EVENTS: &[&str] = &[
    CALENDAR,
    CALENDAR_READONLY,
    EVENTS,
    EVENTS_READONLY,
    EVENTS_OWNED,
    EVENTS_OWNED_READONLY,
    EVENTS_FREEBUSY,
    APP_CREATED,
];
pub(crate) const WRITE_EVENTS: &[&str] = &[CALENDAR, EVENTS, EVENTS_OWNED, APP_CREATED];
pub(crate) const MOVE_EVENTS: &[&str] = &[CALENDAR, EVENTS, EVENTS_OWNED];
pub(crate) const GET_CALENDAR: &[&str] = &[
    CALENDAR,
    CALENDAR_READONLY,
    CALENDARS,
    CALENDARS_READONLY,
    APP_CREATED,
];

/// What the consent page says about a scope, in words.
pub(crate) fn describe(scope: &str) -> &'static str {
    match scope {
        CALENDAR => "See, edit, share and permanently delete all the calendars you can access",
        CALENDAR_READONLY => "See and download any calendar you can access",
        EVENTS => "View and edit events on all your calendars",
        EVENTS_READONLY => "View events on all your calendars",
        EVENTS_OWNED => "See, create, change and delete events on calendars you own",
        EVENTS_OWNED_READONLY => "See the events on calendars you own",
        EVENTS_FREEBUSY => "See the availability on calendars you have access to",
        FREEBUSY => "View your availability in your calendars",
        CALENDAR_LIST => "See, add and remove the calendars you are subscribed to",
        CALENDAR_LIST_READONLY => "See the list of calendars you are subscribed to",
        CALENDARS | CALENDARS_READONLY => "See the properties of your calendars",
        APP_CREATED => "Manage calendars made by this application",
        OPENID => "Associate you with your personal info",
        EMAIL | USERINFO_EMAIL => "See your primary e-mail address",
        PROFILE => "See your personal info",
        _ => "Use another permission",
    }
}

/// Whether the sandbox knows this scope; Google refuses a request for an unknown one.
pub(crate) fn known(scope: &str) -> bool {
    describe(scope) != "Use another permission"
}
