//! Texts that are meant to break something go in and come out as they are, in every text column.

use duet_model::account::{Failure, FailureCode};
use duet_model::block::BlockId;
use duet_store::Listing;

use crate::common::*;
use crate::manual::block;

const TEXTS: [&str; 14] = [
    "'); DROP TABLE external_accounts; --",
    "\" OR 1=1 --",
    "%_\\",
    "a\0b",
    "\u{feff}\u{202e}evil\u{2066}",
    "line\nbreak\r\n\ttab",
    "<script>alert(1)</script>",
    "👩‍👩‍👧‍👦 é e\u{301} ß İ",
    "?1 :name @x $y",
    "[1,2,{\"a\":\"b\"}]",
    "0",
    "NULL",
    " ",
    "x'00'",
];

#[tokio::test]
async fn every_text_column_keeps_hostile_texts() {
    let world = World::new().await;
    let long = "long ".repeat(100_000);
    for text in TEXTS.into_iter().chain([long.as_str()]) {
        let mut account = new_account(text);
        account.scopes = vec![text.into(), text.into()];
        let mut entry = primary(text);
        entry.name = text.into();
        entry.color = text.into();
        entry.time_zone = Some(text.into());
        let mut made = block("x");
        made.id = BlockId(text.into());
        made.title = text.into();
        made.zone = text.into();
        made.repeat = Some(text.into());
        let lost = Failure {
            code: FailureCode::Server,
            message: text.into(),
            at: hour(1),
        };

        let mut tx = world.store.write().await.unwrap();
        let id = tx.connect_account(account).await.unwrap();
        let added = tx
            .apply_calendar_list(id, &[entry.clone()], Listing::Full, Some(text), hour(0))
            .await
            .unwrap()
            .added;
        let generation = tx.calendar(added[0]).await.unwrap().unwrap().generation;
        tx.mark_failed(id, lost.clone(), 1, None).await.unwrap();
        tx.mark_calendar_failed(added[0], generation, lost.clone())
            .await
            .unwrap();
        tx.put_manual_block(&made).await.unwrap();
        tx.commit().await.unwrap();

        let account = world
            .store
            .account_by_email(text)
            .await
            .unwrap()
            .expect("found by it");
        assert_eq!((account.id, account.email.as_str()), (id, text));
        assert_eq!(account.scopes, [text, text]);
        assert_eq!(account.last_error.as_ref(), Some(&lost));
        let calendar = world
            .store
            .calendar_by_google_id(id, text)
            .await
            .unwrap()
            .expect("found by it");
        assert_eq!(
            (calendar.name.as_str(), calendar.color.as_str()),
            (text, text)
        );
        assert_eq!(calendar.time_zone.as_deref(), Some(text));
        assert_eq!(calendar.last_error, Some(lost));
        let state = world.store.sync_state(id).await.unwrap();
        assert_eq!(state.list_token.as_deref(), Some(text));
        assert_eq!(
            world.store.manual_block(&made.id).await.unwrap(),
            Some(made)
        );
    }
    assert_eq!(world.store.accounts().await.unwrap().len(), TEXTS.len() + 2);
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}
