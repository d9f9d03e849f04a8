//! Rules about configuration that guards the window: its policy, its permissions, the migrations' names.
//!
//! These compare whole values instead of searching for bad ones: whatever is new is found, also what
//! nobody thought of. Widening a value here is a change that a reviewer sees.

use serde_json::Value;

use super::{Finding, Text};

/// The window's Content Security Policy, directive by directive.
///
/// `wasm-unsafe-eval` lets WebAssembly compile and nothing else; `style-src-attr` is for the `style=`
/// attribute that positions a block, which Yew writes as an attribute; `ipc:` is Tauri's channel.
const POLICY: &[(&str, &str)] = &[
    ("default-src", "'none'"),
    ("script-src", "'self' 'wasm-unsafe-eval'"),
    ("style-src", "'self'"),
    ("style-src-attr", "'unsafe-inline'"),
    ("img-src", "'self' data:"),
    ("font-src", "'self'"),
    ("connect-src", "'self' ipc: http://ipc.localhost"),
    ("frame-src", "'none'"),
    ("object-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
];

/// All that the one window may ask of Tauri, by the path of its capability file.
const CAPABILITIES: &[(&str, &[&str], &[&str])] = &[(
    "src-tauri/capabilities/main.json",
    &["main"],
    &[
        "core:event:allow-listen",
        "core:event:allow-unlisten",
        "allow-rpc",
    ],
)];

/// Keys of `app.security` that may stand there.
const SECURITY_KEYS: &[&str] = &["csp", "capabilities", "freezePrototype"];

/// The shell's configuration: an exact policy, and no switch that weakens it.
#[must_use]
pub fn shell(config: &str) -> Vec<Finding> {
    let place = "tauri.conf.json";
    let config: Value = match serde_json::from_str(config) {
        Ok(config) => config,
        Err(error) => return vec![Finding::new(place, format!("is no JSON: {error}"))],
    };
    let mut findings = Vec::new();
    let security = &config["app"]["security"];
    let found = directives(&security["csp"]);
    let wanted: Vec<(String, String)> = POLICY
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for (name, value) in &wanted {
        match found.iter().find(|(other, _)| other == name) {
            None => findings.push(Finding::new(
                place,
                format!("the policy lacks `{name} {value}`"),
            )),
            Some((_, other)) if other != value => findings.push(Finding::new(
                place,
                format!("the policy says `{name} {other}`, it must say `{name} {value}`"),
            )),
            Some(_) => {}
        }
    }
    for (name, value) in found
        .iter()
        .filter(|(name, _)| !wanted.iter().any(|(other, _)| other == name))
    {
        findings.push(Finding::new(
            place,
            format!("the policy has an extra `{name} {value}`"),
        ));
    }
    for key in security
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys())
    {
        if !SECURITY_KEYS.contains(&key.as_str()) {
            findings.push(Finding::new(
                place,
                format!("app.security.{key} weakens the window; remove it"),
            ));
        }
    }
    if config["build"]["frontendDist"] != "ui/dist" {
        findings.push(Finding::new(
            place,
            "build.frontendDist is not \"ui/dist\", which xtask fills",
        ));
    }
    for key in ["devUrl", "devPath"] {
        if !config["build"][key].is_null() {
            findings.push(Finding::new(
                place,
                format!("build.{key} would load the window from a server"),
            ));
        }
    }
    findings
}

/// A policy written as one string or as a map of directives.
fn directives(csp: &Value) -> Vec<(String, String)> {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match csp {
        Value::String(text) => text
            .split(';')
            .map(squeezed)
            .filter(|part| !part.is_empty())
            .map(|part| match part.split_once(' ') {
                Some((name, value)) => (name.to_owned(), value.to_owned()),
                None => (part, String::new()),
            })
            .collect(),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::Array(parts) => parts
                        .iter()
                        .filter_map(Value::as_str)
                        .collect::<Vec<_>>()
                        .join(" "),
                    other => squeezed(other.as_str().unwrap_or_default()),
                };
                (name.clone(), value)
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The capability files are exactly the ones on the list, and grant exactly what it says.
#[must_use]
pub fn capabilities(files: &[Text]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_capability = |path: &str| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder.ends_with("capabilities")
    };
    for file in files.iter().filter(|file| is_capability(&file.path)) {
        match CAPABILITIES.iter().find(|(path, ..)| *path == file.path) {
            None => findings.push(Finding::new(
                &file.path,
                "a capability file that is on no list",
            )),
            Some((_, windows, permissions)) => {
                findings.extend(capability(file, windows, permissions));
            }
        }
    }
    for (path, ..) in CAPABILITIES {
        if !files.iter().any(|file| file.path == *path) {
            findings.push(Finding::new(
                path,
                "is missing: the window would have no rights, or all of them",
            ));
        }
    }
    findings
}

fn capability(file: &Text, windows: &[&str], permissions: &[&str]) -> Vec<Finding> {
    const KEYS: &[&str] = &[
        "$schema",
        "identifier",
        "description",
        "windows",
        "permissions",
        "local",
    ];
    let Ok(Value::Object(capability)) = serde_json::from_str(&file.text) else {
        return vec![Finding::new(&file.path, "is no JSON object")];
    };
    let mut findings = Vec::new();
    for key in capability
        .keys()
        .filter(|key| !KEYS.contains(&key.as_str()))
    {
        findings.push(Finding::new(
            &file.path,
            format!("`{key}` widens a capability; it is not allowed"),
        ));
    }
    for (key, wanted) in [("windows", windows), ("permissions", permissions)] {
        // A permission with a scope is an object; it has no business here and reads as itself.
        let mut found: Vec<String> = capability
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect();
        let mut wanted: Vec<String> = wanted.iter().map(|word| (*word).to_owned()).collect();
        found.sort();
        wanted.sort();
        if found != wanted {
            findings.push(Finding::new(
                &file.path,
                format!("{key} are {found:?}, the list in xtask says {wanted:?}"),
            ));
        }
    }
    if capability
        .get("local")
        .is_some_and(|value| *value != Value::Bool(true))
    {
        findings.push(Finding::new(
            &file.path,
            "a capability is for the local window only",
        ));
    }
    findings
}

/// Migrations are named by their second, one of a kind, so that they sort and never collide.
#[must_use]
pub fn migrations(files: &[Text]) -> Vec<Finding> {
    let mut seen: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    for file in files {
        let Some(name) = file.path.strip_prefix("migrations/") else {
            continue;
        };
        let Some(name) = name.strip_suffix(".sql") else {
            continue;
        };
        let (stamp, subject) = name.split_once('_').unwrap_or((name, ""));
        if stamp.len() != 14
            || !stamp.bytes().all(|byte| byte.is_ascii_digit())
            || subject.is_empty()
        {
            findings.push(Finding::new(
                &file.path,
                "name it YYYYMMDDHHMMSS_subject.sql",
            ));
        }
        if seen.contains(&stamp) {
            findings.push(Finding::new(
                &file.path,
                "another migration has the same time stamp",
            ));
        }
        seen.push(stamp);
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy_text() -> String {
        POLICY
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn config(security: &Value) -> String {
        json!({"build": {"frontendDist": "ui/dist"}, "app": {"security": security}}).to_string()
    }

    #[test]
    fn the_exact_policy_passes_as_text_and_as_a_map() {
        assert_eq!(
            shell(&config(&json!({"csp": policy_text()}))),
            [],
            "as text"
        );
        let map: serde_json::Map<String, Value> = POLICY
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        assert_eq!(shell(&config(&json!({"csp": map}))), [], "as a map");
    }

    #[test]
    fn each_way_to_weaken_the_policy_is_found() {
        let good = policy_text();
        let cases = [
            (json!({"csp": null}), "no policy at all"),
            (json!({}), "no policy at all"),
            (
                json!({"csp": good.replace("'wasm-unsafe-eval'", "'unsafe-eval'")}),
                "eval",
            ),
            (
                json!({"csp": good.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")}),
                "inline",
            ),
            (
                json!({"csp": good.replace("default-src 'none'; ", "")}),
                "a missing default",
            ),
            (
                json!({"csp": format!("{good}; worker-src *")}),
                "an extra directive",
            ),
            (
                json!({"csp": good, "dangerousDisableAssetCspModification": true}),
                "a dangerous switch",
            ),
            (
                json!({"csp": good, "assetProtocol": {"enable": true}}),
                "files through the asset protocol",
            ),
        ];
        for (security, why) in cases {
            assert!(!shell(&config(&security)).is_empty(), "{why} must be found");
        }
        let served = json!({"build": {"frontendDist": "ui/dist", "devUrl": "http://localhost:1420"},
                            "app": {"security": {"csp": good}}});
        assert_eq!(
            shell(&served.to_string()).len(),
            1,
            "a window from a server"
        );
    }

    fn main_capability(change: impl FnOnce(&mut Value)) -> Vec<Text> {
        let (path, windows, permissions) = CAPABILITIES[0];
        let mut value =
            json!({"identifier": "main", "windows": windows, "permissions": permissions});
        change(&mut value);
        vec![Text {
            path: path.into(),
            text: value.to_string(),
        }]
    }

    #[test]
    fn each_way_to_widen_a_capability_is_found() {
        assert_eq!(
            capabilities(&main_capability(|_| {})),
            [],
            "the list itself passes"
        );
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 5] = [
            (
                |value| value["permissions"] = json!(["core:default"]),
                "a permission that is not listed",
            ),
            (|value| value["windows"] = json!(["*"]), "every window"),
            (
                |value| value["remote"] = json!({"urls": ["https://*"]}),
                "a remote page",
            ),
            (|value| value["local"] = json!(false), "not local"),
            (
                |value| {
                    value["permissions"] = json!([{"identifier": "fs:allow-read", "allow": ["**"]}])
                },
                "a scope",
            ),
        ];
        for (change, why) in cases {
            assert!(
                !capabilities(&main_capability(change)).is_empty(),
                "{why} must be found"
            );
        }
        let mut extra = main_capability(|_| {});
        extra.push(Text {
            path: "src-tauri/capabilities/more.json".into(),
            text: "{}".into(),
        });
        assert_eq!(capabilities(&extra).len(), 1, "a file that nobody listed");
        assert_eq!(
            capabilities(&[]).len(),
            CAPABILITIES.len(),
            "a file that is missing"
        );
    }

    #[test]
    fn a_migration_with_a_bad_or_taken_name_is_found() {
        let file = |name: &str| Text {
            path: format!("migrations/{name}"),
            text: String::new(),
        };
        let good = [
            file("20260101120000_blocks.sql"),
            file("20260101120001_accounts.sql"),
        ];
        assert_eq!(migrations(&good), [], "two good ones");
        assert_eq!(
            migrations(&[file("1_blocks.sql")]).len(),
            1,
            "a counter collides between branches"
        );
        assert_eq!(
            migrations(&[file("20260101120000.sql")]).len(),
            1,
            "no subject"
        );
        let taken = [file("20260101120000_a.sql"), file("20260101120000_b.sql")];
        assert_eq!(migrations(&taken).len(), 1, "the same second twice");
    }
}
