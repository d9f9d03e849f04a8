//! Ten thousand orders of callbacks: only the one right callback takes its flow, and only once.

use std::sync::LazyLock;

use super::*;
use crate::auth::callback::parse_callback;
use crate::auth::flow::{FlowRequest, begin};
use crate::config::Config;
use duet_model::account::Tier;
use proptest::prelude::*;

const REDIRECT: &str = "http://127.0.0.1:8123/oauth2redirect";

/// Read once: ten thousand cases ask for it.
static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    Config::from_env(|name| match name {
        "GOOGLE_CLIENT_ID" => Some("123-abc.apps.googleusercontent.com".into()),
        "GOOGLE_CLIENT_SECRET" => Some("s".into()),
        _ => None,
    })
    .unwrap()
    .unwrap()
});

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

fn flow(seed: u8, begun: i64) -> PendingFlow {
    let request = FlowRequest {
        tier: Tier::Read,
        login_hint: None,
        add_account: false,
        redirect_uri: REDIRECT.into(),
    };
    begin(&CONFIG, request, at(begun), &[seed; 64]).1
}

fn answer(redirect: &str, state: &str) -> Callback {
    parse_callback(&format!("{redirect}?code=c&state={state}"), &CONFIG).unwrap()
}

fn state(flow: &PendingFlow) -> String {
    flow.state.expose_secret().to_owned()
}

#[test]
fn the_right_answer_takes_its_flow_once() {
    let mut pending = PendingFlows::default();
    pending.insert(flow(1, 0));
    pending.insert(flow(2, 0));
    let right = answer(REDIRECT, &state(&flow(2, 0)));
    assert_eq!(pending.take(&right, at(5)).unwrap().id, flow(2, 0).id);
    assert_eq!(
        pending.take(&right, at(5)).unwrap_err(),
        CallbackRefused::Unknown
    );
    assert_eq!(pending.len(), 1, "the other flow still waits");
}

#[test]
fn a_no_takes_its_flow_too() {
    let mut pending = PendingFlows::default();
    pending.insert(flow(1, 0));
    let url = format!(
        "{REDIRECT}?error=access_denied&state={}",
        state(&flow(1, 0))
    );
    let no = parse_callback(&url, &CONFIG).unwrap();
    assert!(pending.take(&no, at(5)).is_ok());
    assert!(pending.is_empty());
}

#[test]
fn late_and_misplaced_answers_are_refused_and_spend_the_flow() {
    let cases = [
        (REDIRECT, 600, CallbackRefused::Expired),
        (
            "http://127.0.0.1:8124/oauth2redirect",
            5,
            CallbackRefused::OtherRedirect,
        ),
    ];
    for (redirect, when, expect) in cases {
        let mut pending = PendingFlows::default();
        pending.insert(flow(1, 0));
        let callback = answer(redirect, &state(&flow(1, 0)));
        assert_eq!(pending.take(&callback, at(when)).unwrap_err(), expect);
        let right = answer(REDIRECT, &state(&flow(1, 0)));
        assert_eq!(
            pending.take(&right, at(5)).unwrap_err(),
            CallbackRefused::Unknown
        );
    }
}

#[test]
fn room_is_limited_and_the_same_flow_waits_once() {
    let mut pending = PendingFlows::new(2);
    for seed in [1, 2, 2, 3] {
        pending.insert(flow(seed, 0));
    }
    let waiting: Vec<_> = pending.iter().map(|flow| flow.id.clone()).collect();
    assert_eq!(
        waiting,
        [flow(2, 0).id, flow(3, 0).id],
        "the oldest gave way"
    );
    assert!(pending.remove(&flow(2, 0).id).is_some());
    assert!(pending.remove(&flow(2, 0).id).is_none());
    assert_eq!(pending.expire(at(600)), [flow(3, 0).id]);
    assert!(pending.is_empty());
}

/// State and id of the flows that the orders are made of.
static STATES: LazyLock<Vec<(String, FlowId)>> = LazyLock::new(|| {
    (0..6)
        .map(|n| flow(n, 0))
        .map(|flow| (state(&flow), flow.id))
        .collect()
});

/// One thing that can happen to the waiting sign-ins.
#[derive(Clone, Debug)]
enum Step {
    /// The person sets out on flow n.
    Begin(u8),
    /// An answer with flow n's own state arrives: the right one, a replay, or too late.
    Answer(u8),
    /// As before, but at another port.
    Elsewhere(u8),
    /// An answer with flow n's state, one character changed.
    Forged(u8, usize),
    /// An answer with a piece of flow n's state.
    Cut(u8, usize),
    /// An answer whose state is made up.
    Random(String),
    /// Time goes by.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0_u8..6;
    prop_oneof![
        3 => n.clone().prop_map(Step::Begin),
        4 => n.clone().prop_map(Step::Answer),
        1 => n.clone().prop_map(Step::Elsewhere),
        1 => (n.clone(), 0_usize..43).prop_map(|(n, at)| Step::Forged(n, at)),
        1 => (n, 1_usize..43).prop_map(|(n, at)| Step::Cut(n, at)),
        1 => "[A-Za-z0-9_-]{1,60}".prop_map(Step::Random),
        1 => (0_i64..400).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Against the plainest model there is: which flows wait, and since when.
    #[test]
    fn only_the_one_right_callback_takes_a_flow_and_only_once(
        steps in prop::collection::vec(step(), 1..20),
    ) {
        let mut pending = PendingFlows::new(16);
        let mut model: Vec<(u8, i64)> = Vec::new();
        let mut clock = 0;
        let mut taken = 0_usize;
        let mut begun = 0_usize;
        for step in steps {
            let secret = |n: u8| STATES[usize::from(n)].0.clone();
            let alive = |since: i64, clock: i64| clock - since < 600;
            let (callback, expect) = match step {
                Step::Begin(n) => {
                    // A flow's secrets are drawn anew each time in life; here a number stands for
                    // them, so it is begun again only once its first run has ended.
                    if !model.iter().any(|(waiting, _)| *waiting == n) {
                        pending.insert(flow(n, clock));
                        model.push((n, clock));
                        begun += 1;
                    }
                    continue;
                }
                Step::Wait(seconds) => {
                    clock += seconds;
                    continue;
                }
                Step::Answer(n) => {
                    let since = model.iter().find(|(waiting, _)| *waiting == n).map(|found| found.1);
                    let right = since.is_some_and(|since| alive(since, clock));
                    model.retain(|(waiting, _)| *waiting != n);
                    (answer(REDIRECT, &secret(n)), right.then_some(n))
                }
                Step::Elsewhere(n) => {
                    model.retain(|(waiting, _)| *waiting != n);
                    (answer("http://127.0.0.1:9/oauth2redirect", &secret(n)), None)
                }
                Step::Forged(n, place) => {
                    let mut forged = secret(n).into_bytes();
                    forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
                    (answer(REDIRECT, &String::from_utf8(forged).unwrap()), None)
                }
                Step::Cut(n, length) => (answer(REDIRECT, &secret(n)[..length]), None),
                Step::Random(made_up) => (answer(REDIRECT, &made_up), None),
            };
            let got = pending.take(&callback, at(clock)).ok();
            taken += usize::from(got.is_some());
            prop_assert_eq!(got.map(|got| got.id), expect.map(|n| STATES[usize::from(n)].1.clone()));
            // Taking also forgets what has expired.
            model.retain(|(_, since)| alive(*since, clock));
            prop_assert_eq!(pending.len(), model.len());
        }
        prop_assert!(taken <= begun);
    }
}
