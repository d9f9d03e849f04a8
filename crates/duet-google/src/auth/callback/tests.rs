//! Tables of hostile and honest addresses, and arbitrary text that must never cause a panic.

use std::sync::LazyLock;

use super::*;
use proptest::prelude::*;
use secrecy::ExposeSecret;

fn config(redirect: Option<&str>) -> Config {
    Config::from_env(|name| match name {
        "GOOGLE_CLIENT_ID" => Some("123-abc.apps.googleusercontent.com".into()),
        "GOOGLE_REDIRECT_URI" => redirect.map(Into::into),
        _ => None,
    })
    .unwrap()
    .unwrap()
}

const DEEP: &str = "com.googleusercontent.apps.123-abc:/oauth2redirect";

/// Read once, for the thousands of cases below.
static DEEP_CONFIG: LazyLock<Config> = LazyLock::new(|| config(None));

#[test]
fn a_yes_and_a_no_are_read() {
    let url = format!(
        "{DEEP}?state=s-1&iss=https%3A%2F%2Faccounts.google.com&code=4%2F0Ab_c&scope=a%20b&authuser=0"
    );
    match parse_callback(&url, &config(None)).unwrap() {
        Callback::Granted {
            code,
            state,
            scope,
            redirect_uri,
        } => {
            assert_eq!(code.expose_secret(), "4/0Ab_c");
            assert_eq!(state.expose_secret(), "s-1");
            assert_eq!(scope.as_deref(), Some("a b"));
            assert_eq!(redirect_uri, DEEP);
        }
        other => panic!("a yes is a yes: {other:?}"),
    }
    let url = format!("{DEEP}?error=access_denied&state=s-1");
    match parse_callback(&url, &config(None)).unwrap() {
        Callback::Refused { error, state, .. } => {
            assert_eq!(error, "access_denied");
            assert_eq!(state.expose_secret(), "s-1");
        }
        other => panic!("a no is a no: {other:?}"),
    }
}

#[test]
fn secrets_do_not_print() {
    let url = format!("{DEEP}?state=DUETCANARY-1&code=DUETCANARY-2");
    let callback = parse_callback(&url, &config(None)).unwrap();
    assert!(!format!("{callback:?}").contains("DUETCANARY"));
}

#[test]
fn hostile_deep_links_are_refused_for_the_right_reason() {
    use CallbackError::*;
    let long = format!("{DEEP}?state=s&code={}", "x".repeat(LONGEST));
    let cases: &[(&str, CallbackError)] = &[
        ("", OtherAddress),
        ("?state=s&code=c", OtherAddress),
        (&long, TooLong),
        (
            "com.googleusercontent.apps.123-abc://oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:///oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect/?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/x/../oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/./oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirec%74?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/Oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abcd:/oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.999-abc:/oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        ("duet://oauth2redirect?state=s&code=c", OtherAddress),
        ("duet:/oauth2redirect?state=s&code=c", OtherAddress),
        ("javascript:alert(1)//?state=s&code=c", OtherAddress),
        ("file:///oauth2redirect?state=s&code=c", OtherAddress),
        (
            "https://accounts.google.com/oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "http://127.0.0.1:80/oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "--config=com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect#?state=s&code=c",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c#x",
            OtherAddress,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c ",
            Characters,
        ),
        (
            " com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s\t&code=c",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2\nredirect?state=s&code=c",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=\u{0}",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=ü",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c%00",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s%0d%0aX&code=c",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=%ff%fe",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?x=%1b&state=s&code=c",
            Characters,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect",
            NoState,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?",
            NoState,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?code=c",
            NoState,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?code=c&state=",
            NoState,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?code=c&STATE=s",
            NoState,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s",
            NoAnswer,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=",
            NoAnswer,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c&error=e",
            NoAnswer,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c&code=d",
            Duplicate,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c&state=s",
            Duplicate,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c&%63ode=d",
            Duplicate,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?a=1&state=s&a=2&code=c",
            Duplicate,
        ),
        (
            "com.googleusercontent.apps.123-abc:/oauth2redirect?state=s&code=c&iss=https://evil.example",
            OtherIssuer,
        ),
    ];
    let config = config(None);
    for (url, expect) in cases {
        match parse_callback(url, &config) {
            Err(error) => assert_eq!(error, *expect, "{url:?}"),
            Ok(callback) => panic!("{url:?} must be refused, gave {callback:?}"),
        }
    }
}

#[test]
fn the_loopback_address_is_taken_literally() {
    let any = config(Some("http://127.0.0.1/oauth2redirect"));
    let fixed = config(Some("http://127.0.0.1:8123/oauth2redirect"));
    // (address, fine for any port, fine for port 8123)
    let cases = [
        ("http://127.0.0.1:8123/oauth2redirect", true, true),
        ("http://127.0.0.1:9/oauth2redirect", true, false),
        ("http://127.0.0.1/oauth2redirect", false, false),
        ("http://127.0.0.1:+9/oauth2redirect", false, false),
        ("http://127.0.0.1:99999/oauth2redirect", false, false),
        ("http://localhost:8123/oauth2redirect", false, false),
        ("http://127.1:8123/oauth2redirect", false, false),
        ("http://0x7f000001:8123/oauth2redirect", false, false),
        ("http://u@127.0.0.1:8123/oauth2redirect", false, false),
        (
            "http://127.0.0.1:8123@evil.example/oauth2redirect",
            false,
            false,
        ),
        ("https://127.0.0.1:8123/oauth2redirect", false, false),
        ("http://127.0.0.1:8123/a/../oauth2redirect", false, false),
        ("http://127.0.0.1:8123//oauth2redirect", false, false),
        (DEEP, false, false),
    ];
    for (address, for_any, for_fixed) in cases {
        let url = format!("{address}?state=s&code=c#");
        assert_eq!(
            parse_callback(&url, &any).is_ok(),
            for_any,
            "{address} with any port"
        );
        assert_eq!(
            parse_callback(&url, &fixed).is_ok(),
            for_fixed,
            "{address} with port 8123"
        );
    }
}

#[test]
fn a_foreign_error_word_is_tamed() {
    let url = format!("{DEEP}?state=s&error=%3Cscript%3Ealert(1)%3C/script%3E");
    match parse_callback(&url, &config(None)).unwrap() {
        Callback::Refused { error, .. } => assert_eq!(error, "scriptalert1script"),
        other => panic!("an error is a no: {other:?}"),
    }
}

#[test]
fn an_address_names_its_flow_without_the_client() {
    let id = flow_id_of(&format!("{DEEP}?state=s-1&code=c"));
    assert!(id.is_some());
    assert_eq!(
        id,
        flow_id_of("http://127.0.0.1:9/oauth2redirect?code=d&state=s%2D1#")
    );
    assert_ne!(id, flow_id_of(&format!("{DEEP}?state=s-2&code=c")));
    let long = format!("{DEEP}?state=s&code={}", "x".repeat(LONGEST));
    for none in [
        "",
        "x",
        DEEP,
        "a?state=",
        "a?code=c",
        "a?state=s&state=s",
        "a#?state=s",
        &long,
    ] {
        assert_eq!(flow_id_of(none), None, "{none:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = parse_callback(&text, &DEEP_CONFIG);
    }

    #[test]
    fn arbitrary_queries_never_panic(query in "[ -~]{0,200}") {
        let url = format!("{DEEP}?{query}");
        if let Ok(callback) = parse_callback(&url, &DEEP_CONFIG) {
            prop_assert!(!callback.state().expose_secret().is_empty());
            prop_assert_eq!(callback.redirect_uri(), DEEP);
        }
    }

    #[test]
    fn shuffled_parameters_never_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "code=c", "state=s", "error=e", "iss=https://accounts.google.com", "scope=a+b",
                "code=", "state", "=", "%", "%zz", "&", "?", ";", "code=%00", "authuser=0",
            ]),
            0..8,
        ),
    ) {
        let url = format!("{DEEP}?{}", parts.join("&"));
        let count = |word: &str| parts.iter().filter(|part| part.starts_with(word)).count();
        let fine = parse_callback(&url, &DEEP_CONFIG).is_ok();
        if fine {
            prop_assert_eq!(count("state"), 1, "one state: {}", url);
            prop_assert_eq!(count("code=c") + count("error=e"), 1, "one answer: {}", url);
        }
    }
}
