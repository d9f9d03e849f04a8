//! Who is mailed about a write: nobody unless asked for, and each guest once.

use crate::{
    control::Mail,
    event::Body,
    events::{Asker, write::organizes},
    http::Incoming,
    state::State,
};

/// Counts the mails that a write would have sent: `old` is what the event was, `new` what it became.
///
/// A guest who is new is invited, one who was taken out is told so, all others hear of the change. From a
/// guest's copy only the organiser hears.
pub(super) fn send(
    state: &mut State,
    asker: &Asker,
    request: &Incoming,
    id: &str,
    old: Option<&Body>,
    new: Option<&Body>,
) {
    let outsiders_only = match request.param("sendUpdates") {
        Some("all") => false,
        Some("externalOnly") => true,
        Some(_) => return,
        None if request.flag("sendNotifications") => false,
        None => return,
    };
    let Some(calendar) = state.world.calendar(&asker.calendar) else {
        return;
    };
    let domain = |email: &str| email.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    let home = domain(&asker.email);
    let own = old.or(new).is_none_or(|body| organizes(calendar, body));
    let heard = if own {
        told(old, new)
    } else {
        let organizer = old.or(new).and_then(|body| body.get("organizer"));
        let email = organizer.and_then(|entry| entry["email"].as_str());
        email.map(|email| (email, "answer")).into_iter().collect()
    };
    let mails: Vec<Mail> = heard
        .into_iter()
        .filter(|(email, _)| *email != asker.email && *email != asker.calendar)
        .filter(|(email, _)| !outsiders_only || domain(email) != home)
        .map(|(email, subject)| Mail {
            to: email.to_owned(),
            calendar: asker.calendar.clone(),
            event: id.to_owned(),
            subject: subject.to_owned(),
        })
        .collect();
    state.mails.extend(mails);
}

/// The guests before and after, and what each is told.
fn told<'a>(old: Option<&'a Body>, new: Option<&'a Body>) -> Vec<(&'a str, &'static str)> {
    let (before, after) = (guests(old), guests(new));
    let news = after.iter().map(|email| {
        let invited = !before.contains(email);
        (*email, if invited { "invitation" } else { "update" })
    });
    let out = before.iter().filter(|email| !after.contains(email));
    news.chain(out.map(|email| (*email, "cancellation")))
        .collect()
}

/// The people invited; a room reads no mail.
fn guests(body: Option<&Body>) -> Vec<&str> {
    body.and_then(|body| body.get("attendees")?.as_array())
        .into_iter()
        .flatten()
        .filter(|guest| guest["resource"] != true)
        .filter_map(|guest| guest["email"].as_str())
        .collect()
}
