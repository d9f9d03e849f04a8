//! From a route to the endpoint that answers it, and who the caller is.

use crate::{
    calendar_list, calendars, consent,
    error::Failure,
    events, freebusy,
    http::{Incoming, Reply},
    oauth,
    route::Route,
    scopes,
    state::State,
    world::World,
};

/// The answer to a request, before faults and compression.
pub(crate) fn dispatch(state: &mut State, request: &Incoming, route: &Route) -> Reply {
    let reply = match route {
        Route::Authorize => return oauth::authorize(state, &request.query),
        Route::Decision => return oauth::decision(state, request),
        Route::Token => return oauth::token(state, request),
        Route::Revoke => return oauth::revoke(state, request),
        Route::Portal => return Reply::html(200, consent::portal_page()),
        Route::Control(_) | Route::Unknown => Err(Failure::not_found()),
        _ => calendar_api(state, request, route),
    };
    reply.unwrap_or_else(Reply::from)
}

fn calendar_api(state: &mut State, request: &Incoming, route: &Route) -> Result<Reply, Failure> {
    match route {
        Route::CalendarList => {
            let email = caller(state, request, scopes::LIST_CALENDARS, "CalendarList.List")?;
            calendar_list::list(state, &email, request)
        }
        Route::CalendarListEntry(id) => {
            let email = caller(state, request, scopes::LIST_CALENDARS, "CalendarList.Get")?;
            calendar_list::get(state, &email, World::resolve(&email, id))
        }
        Route::Calendar(id) => {
            let email = caller(state, request, scopes::GET_CALENDAR, "Calendars.Get")?;
            calendars::get(state, &email, World::resolve(&email, id))
        }
        Route::FreeBusy => {
            let email = caller(state, request, scopes::QUERY_FREEBUSY, "Freebusy.Query")?;
            freebusy::query(state, &email, request)
        }
        _ => events::answer(state, request, route),
    }
}

/// The account a request speaks for, if its token is good and one of `any_of` was granted.
pub(crate) fn caller(
    state: &State,
    request: &Incoming,
    any_of: &[&str],
    method: &'static str,
) -> Result<String, Failure> {
    let token = request.bearer().ok_or_else(Failure::login_required)?;
    let grant = state
        .grants
        .check(state.clock.now(), token)
        .ok_or_else(Failure::invalid_credentials)?;
    if !any_of.iter().any(|scope| grant.scopes.contains(*scope)) {
        return Err(Failure::missing_scope(method));
    }
    Ok(grant.account.clone())
}
