//! What the consent page is asked, and that a flow survives the keychain unharmed.

use std::collections::{HashMap, HashSet};

use super::*;

fn config() -> Config {
    Config::from_env(|name| {
        (name == "GOOGLE_CLIENT_ID").then(|| "123-abc.apps.googleusercontent.com".into())
    })
    .unwrap()
    .unwrap()
}

fn request(tier: Tier) -> FlowRequest {
    FlowRequest {
        tier,
        login_hint: None,
        add_account: false,
        redirect_uri: "com.googleusercontent.apps.123-abc:/oauth2redirect".into(),
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn entropy(seed: u64) -> [u8; 64] {
    let mut bytes = [0; 64];
    for (index, chunk) in bytes.chunks_mut(32).enumerate() {
        chunk.copy_from_slice(&Sha256::digest(format!("{seed}/{index}")));
    }
    bytes
}

fn asked(url: &Url) -> HashMap<String, String> {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let map: HashMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "nothing is asked twice");
    map
}

#[test]
fn the_consent_page_is_asked_for_what_google_documents() {
    let (url, flow) = begin(&config(), request(Tier::Read), now(), &entropy(1));
    assert!(
        url.as_str()
            .starts_with("https://accounts.google.com/o/oauth2/v2/auth?")
    );
    let asked = asked(&url);
    let get = |name: &str| asked.get(name).map(String::as_str);
    assert_eq!(get("client_id"), Some("123-abc.apps.googleusercontent.com"));
    assert_eq!(
        get("redirect_uri"),
        Some("com.googleusercontent.apps.123-abc:/oauth2redirect")
    );
    assert_eq!(get("response_type"), Some("code"));
    assert_eq!(
        get("code_challenge_method"),
        Some("S256"),
        "without it Google assumes plain"
    );
    assert_eq!(get("access_type"), Some("offline"));
    assert_eq!(get("prompt"), Some("consent"));
    assert_eq!(get("login_hint"), None);
    assert_eq!(get("state"), Some(flow.state.expose_secret()));
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(flow.verifier.expose_secret()));
    assert_eq!(get("code_challenge"), Some(challenge.as_str()));
    assert!(
        !url.as_str().contains(flow.verifier.expose_secret()),
        "the verifier stays here"
    );
    assert!(
        !asked.contains_key("include_granted_scopes"),
        "a feature of web servers only"
    );
}

#[test]
fn scopes_prompt_and_hint_follow_the_request() {
    let scope =
        |tier| asked(&begin(&config(), request(tier), now(), &entropy(1)).0)["scope"].clone();
    let base = "https://www.googleapis.com/auth/calendar";
    assert_eq!(
        scope(Tier::Busy),
        format!("{base}.calendarlist.readonly {base}.events.freebusy")
    );
    assert_eq!(scope(Tier::Read), format!("{base}.readonly"));
    assert_eq!(scope(Tier::Write), format!("{base}.readonly {base}.events"));

    let mut more = request(Tier::Write);
    more.add_account = true;
    more.login_hint = Some("ana+x@example.com".into());
    let asked = asked(&begin(&config(), more, now(), &entropy(1)).0);
    assert_eq!(asked["prompt"], "select_account consent");
    assert_eq!(asked["login_hint"], "ana+x@example.com");
}

#[test]
fn ten_thousand_flows_are_unique_and_legal() {
    let config = config();
    let mut seen = HashSet::new();
    for seed in 0..10_000 {
        let (_, flow) = begin(&config, request(Tier::Busy), now(), &entropy(seed));
        for secret in [flow.state.expose_secret(), flow.verifier.expose_secret()] {
            assert_eq!(
                secret.len(),
                43,
                "256 bits, and RFC 7636's shortest verifier"
            );
            assert!(
                secret
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
            );
            assert!(seen.insert(secret.to_owned()), "seed {seed}");
        }
        assert!(seen.insert(flow.id.to_string()), "ids are unique too");
    }
}

#[test]
fn a_flow_survives_the_keychain() {
    let mut asked = request(Tier::Write);
    asked.login_hint = Some("ana@example.com".into());
    let (_, flow) = begin(&config(), asked, now(), &entropy(7));
    let bytes = flow.to_sealed_bytes();
    assert!(
        bytes.len() < 1280,
        "Windows keeps 2,560 bytes, and may count them as UTF-16"
    );
    let back = PendingFlow::from_sealed_bytes(&bytes).unwrap();
    assert_eq!(back.id, flow.id);
    assert_eq!(back.redirect_uri, flow.redirect_uri);
    assert_eq!(back.tier, flow.tier);
    assert_eq!(back.login_hint, flow.login_hint);
    assert_eq!(back.created_at, flow.created_at);
    assert_eq!(back.state.expose_secret(), flow.state.expose_secret());
    assert_eq!(back.verifier.expose_secret(), flow.verifier.expose_secret());
}

#[test]
fn damaged_bytes_are_no_flow() {
    let (_, flow) = begin(&config(), request(Tier::Read), now(), &entropy(7));
    let bytes = flow.to_sealed_bytes();
    for cut in 0..bytes.len() {
        assert!(
            PendingFlow::from_sealed_bytes(&bytes[..cut]).is_err(),
            "cut at {cut}"
        );
    }
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let other = text.replace("\"version\":1", "\"version\":2");
    assert!(
        PendingFlow::from_sealed_bytes(other.as_bytes()).is_err(),
        "another version"
    );
    let short = text.replace(flow.verifier.expose_secret(), "short");
    assert!(
        PendingFlow::from_sealed_bytes(short.as_bytes()).is_err(),
        "a verifier too short"
    );
}

#[test]
fn flows_expire_whichever_way_the_clock_goes() {
    let (_, flow) = begin(&config(), request(Tier::Read), now(), &entropy(7));
    let cases = [
        (0, false),
        (599, false),
        (600, true),
        (86_400, true),
        (-599, false),
        (-600, true),
    ];
    for (seconds, expired) in cases {
        let at = now() + TimeDelta::seconds(seconds);
        assert_eq!(flow.is_expired(at), expired, "{seconds} seconds later");
    }
}

#[test]
fn secrets_do_not_print() {
    let (_, flow) = begin(&config(), request(Tier::Read), now(), &entropy(7));
    let printed = format!("{flow:?}");
    assert!(!printed.contains(flow.state.expose_secret()));
    assert!(!printed.contains(flow.verifier.expose_secret()));
}
