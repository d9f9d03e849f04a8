//! The list of calendars: pages, tokens, what incremental reads tell and what they do not.

use duet_sandbox::{AccessRole, World, scopes};

use crate::support::{ANA, Session, segment};

const LIST: &str = "users/me/calendarList";

#[tokio::test]
async fn the_small_world_lists_every_kind_of_calendar() {
    let session = Session::small().await;
    let list = session.get(LIST).await;
    assert_eq!(list.status, 200);
    assert_eq!(
        list.all("summary"),
        [
            ANA,
            "Team Berlin",
            "Family",
            "Studio",
            "Holidays in Germany"
        ],
        "the hidden one is left out"
    );
    assert_eq!(list.items()[0]["primary"], true);
    assert_eq!(
        list.all("accessRole"),
        ["owner", "writer", "owner", "freeBusyReader", "reader"]
    );
    let colour = list.items()[0]["backgroundColor"]
        .as_str()
        .expect("a colour");
    assert!(colour.starts_with('#') && colour.len() == 7);
    let hidden = session.get(&format!("{LIST}?showHidden=true")).await;
    assert_eq!(hidden.items().len(), 6);
    let readable = session.get(&format!("{LIST}?minAccessRole=reader")).await;
    assert_eq!(readable.items().len(), 4);
    let holidays = segment("en.german#holiday@group.v.calendar.google.com");
    assert_eq!(
        session.get(&format!("{LIST}/{holidays}")).await.body["accessRole"],
        "reader"
    );
    assert_eq!(
        session.get(&format!("calendars/{holidays}")).await.body["timeZone"],
        "Europe/Berlin"
    );
    assert_eq!(session.get(&format!("{LIST}/nobody")).await.status, 404);
}

#[tokio::test]
async fn pages_end_in_a_sync_token_that_tells_changes() {
    let session = Session::small().await;
    let mut seen = Vec::new();
    let mut query = format!("{LIST}?maxResults=2");
    let token = loop {
        let page = session.get(&query).await;
        seen.extend(page.all("id").into_iter().map(str::to_owned));
        let next = |name: &str| {
            page.body[name]
                .as_str()
                .map(|token| token.replace('=', "%3D"))
        };
        match (next("nextPageToken"), next("nextSyncToken")) {
            (Some(token), None) => query = format!("{LIST}?maxResults=2&pageToken={token}"),
            (None, Some(token)) => break token,
            both => panic!("a page ends in exactly one token, not {both:?}"),
        }
    };
    assert_eq!(seen.len(), 5);
    let changes = async || session.get(&format!("{LIST}?syncToken={token}")).await;
    assert!(changes().await.items().is_empty(), "nothing has changed");

    let control = &session.control;
    let (family, team) = (seen[2].as_str(), seen[1].as_str());
    control.remove_calendar(ANA, family).expect("family");
    control.hide_calendar(ANA, team, true).expect("team");
    control
        .add_calendar(
            ANA,
            "new@group.calendar.google.com",
            "New",
            "UTC",
            AccessRole::Owner,
        )
        .expect("ana");
    let delta = changes().await;
    assert_eq!(
        delta.all("id"),
        [team, family, "new@group.calendar.google.com"]
    );
    assert_eq!(
        delta.items()[0]["hidden"],
        true,
        "hidden ones are always told"
    );
    assert_eq!(delta.items()[1]["deleted"], true, "and so are removed ones");

    control
        .set_access_role(ANA, &seen[3], AccessRole::Reader)
        .expect("studio");
    let again = changes().await;
    assert_eq!(
        again.items().len(),
        3,
        "a change of role is not told, as at Google"
    );
    assert_eq!(
        session.get(LIST).await.all("accessRole")[1],
        "reader",
        "but a full list has it"
    );

    for parameter in [
        "minAccessRole=owner",
        "showDeleted=false",
        "showHidden=false",
    ] {
        let refused = session
            .get(&format!("{LIST}?syncToken={token}&{parameter}"))
            .await;
        assert_eq!(refused.status, 400, "{parameter} with a sync token");
    }
    control.expire_list_tokens(ANA).expect("ana");
    let gone = changes().await;
    assert_eq!((gone.status, gone.reason()), (410, "fullSyncRequired"));
    let garbage = session.get(&format!("{LIST}?syncToken=garbage")).await;
    assert_eq!(
        garbage.body["error"]["message"],
        "Invalid sync token value."
    );
}

#[tokio::test]
async fn each_method_wants_one_of_its_scopes() {
    let cases = [
        (scopes::CALENDAR_READONLY, [200, 200, 200]),
        (scopes::EVENTS, [403, 403, 200]),
        (scopes::EVENTS_READONLY, [403, 403, 200]),
        (scopes::CALENDAR_LIST_READONLY, [200, 403, 403]),
        (scopes::EVENTS_FREEBUSY, [403, 200, 200]),
        (scopes::FREEBUSY, [403, 200, 403]),
        (scopes::OPENID, [403, 403, 403]),
    ];
    for (scope, [list, free_busy, events]) in cases {
        let session = Session::of(World::small(crate::support::today()), &[scope]).await;
        let (from, to) = ("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z");
        assert_eq!(session.get(LIST).await.status, list, "list with {scope}");
        assert_eq!(
            session.free_busy(from, to, &[ANA]).await.status,
            free_busy,
            "{scope}"
        );
        let events_answer = session.get("calendars/primary/events?maxResults=1").await;
        assert_eq!(events_answer.status, events, "events with {scope}");
        if list == 403 {
            let refused = session.get(LIST).await;
            let detail = &refused.body["error"]["details"][0]["reason"];
            assert_eq!(detail, "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
        }
    }
}
