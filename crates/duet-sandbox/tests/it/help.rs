//! What the program says of itself.

use std::process::Command;

#[test]
fn the_help_names_every_flag_and_verb_and_ends_well() {
    let asked = |flag: &str| {
        Command::new(env!("CARGO_BIN_EXE_duet-sandbox"))
            .arg(flag)
            .output()
            .unwrap()
    };
    let help = asked("--help");
    assert!(help.status.success() && help.stderr.is_empty());
    assert_eq!(help.stdout, asked("-h").stdout);
    let words = String::from_utf8(help.stdout).unwrap();
    for flag in ["--world", "--port", "--ios", "--auto-consent", "--control"] {
        assert!(words.contains(&format!("\n  {flag} ")), "{flag}");
    }
    // The verbs as the program matches them: a new one is to be told of.
    let source = include_str!("../../src/control_http.rs");
    let verbs: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("        \"")?.split_once("\" =>"))
        .map(|(verb, _)| verb)
        .collect();
    assert!(verbs.len() > 20, "{verbs:?}");
    for verb in verbs {
        let found = words
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .any(|word| word == verb);
        assert!(found, "{verb}");
    }
    assert_eq!(asked("--nonsense").status.code(), Some(2));
}
