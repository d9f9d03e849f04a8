//! The vote: every engine answers every rule, and whoever differs from Duet needs a reason.
//!
//! What engines are told is settled before, so that they are asked about repetition alone: an UNTIL in
//! UTC is put on the wall clock, one that is a date means that whole day, and the series' own start,
//! which Duet shows unless the rule ended before it (RFC 5545 3.8.5.3), is added to what they find.

use std::{collections::BTreeSet, thread};

use anyhow::{Context, Result, bail};

use super::{
    calendar::Wall,
    cases::Case,
    engines::{Answer, Engines, Program},
    fixtures::Whole,
    table::Triage,
};

/// How many instances are compared.
const COMPARED: usize = 30;
/// How many are asked for: the edges of a window on a wall clock are not those of instants, so there
/// are some to spare.
const ASKED: usize = 100;
/// How many differences are shown in full.
const SHOWN: usize = 25;

/// What one engine makes of a rule: the first instants, or why there are none.
type Found = Result<Vec<i64>, String>;

/// Asks everybody; how many rules differ without a reason.
pub(super) fn hold(engines: &Engines, cases: &[Case], triage: &mut Triage) -> Result<usize> {
    let edges = edges(&engines.clock, cases)?;
    let cases = &settled(&engines.clock, cases, &edges)?;
    let rules = floating(&engines.clock, cases)?;
    let question = |(case, rule): (&Case, &String)| {
        let (from, to) = (case.window.0.plus_days(-2), case.window.1.plus_days(2));
        let (start, from, to) = (case.start.shown(), from.shown(), to.shown());
        format!("{start}\t{rule}\t{from}\t{to}\t{ASKED}")
    };
    let questions: Vec<String> = cases.iter().zip(&rules).map(question).collect();
    let ours: Vec<String> = cases
        .iter()
        .zip(&edges)
        .map(|(case, edges)| {
            let (start, zone, rule) = (case.start.shown(), &case.zone, &case.rule);
            let (from, to) = (edges.from, edges.to);
            format!("series\t{start}\t{zone}\t{rule}\t{from}\t{to}\t{ASKED}")
        })
        .collect();
    let (duet, others) = thread::scope(|scope| {
        let asked: Vec<_> = engines
            .others
            .iter()
            .map(|engine| scope.spawn(|| hear(&engine.program, &engines.clock, &questions, cases)))
            .collect();
        let duet = engines.duet.ask(&ours);
        let others: Result<Vec<_>> = asked
            .into_iter()
            .map(|one| one.join().ok().context("a thread broke")?)
            .collect();
        (duet, others)
    });
    let (duet, others) = (duet?, others?);

    let mut tally = Tally::default();
    for (number, case) in cases.iter().enumerate() {
        let edges = &edges[number];
        let begins = !is_over(&rules[number], case.start);
        let ours = seconds(&duet[number]).map(|found| edges.cut(found, false));
        let named = engines.others.iter().map(|engine| engine.name);
        let theirs: Vec<(&str, Found)> = named
            .zip(&others)
            .map(|(name, found)| {
                let found = seconds(&found[number]).map(|found| edges.cut(found, begins));
                (name, found)
            })
            .collect();
        tally.count(case, &ours, &theirs, triage);
    }
    tally.report(cases.len());
    let names = cases
        .iter()
        .map(|case| format!("{}: {}", case.origin, case.rule));
    Ok(tally.differ + lost(&duet, names))
}

/// How often Duet broke or hung, which nobody else's trouble excuses.
fn lost(answers: &[Answer], names: impl Iterator<Item = String>) -> usize {
    let mut lost = 0;
    for (answer, name) in answers.iter().zip(names) {
        if let Answer::Lost(why) = answer {
            lost += 1;
            println!("oracle: DUET: {why}, at {name}");
        }
    }
    lost
}

/// Gives Duet everything that repeats in real files, with all lines about it. Others have no say in
/// this, but it must not break or hang; how often it did.
pub(super) fn endure(engines: &Engines, whole: &[Whole]) -> Result<usize> {
    let question = |one: &Whole| {
        let (from, to) = (one.start.0, one.start.plus_days(3660).0);
        let (start, zone, lines) = (one.start.shown(), &one.zone, one.lines.join("\t"));
        format!("lines\t{start}\t{zone}\t{from}\t{to}\t{ASKED}\t{lines}")
    };
    let questions: Vec<String> = whole.iter().map(question).collect();
    let answers = engines.duet.ask(&questions)?;
    let known = answers.iter().filter(|one| matches!(one, Answer::Said(_)));
    println!(
        "oracle: {} series of real files with all their lines: {} followed, the others refused or lost",
        whole.len(),
        known.count()
    );
    let names = whole.iter().map(|one| one.lines.join(" "));
    Ok(lost(&answers, names))
}

/// An engine's answers, as instants in the zones of the cases.
fn hear(
    engine: &Program,
    clock: &Program,
    questions: &[String],
    cases: &[Case],
) -> Result<Vec<Answer>> {
    let mut answers = engine.ask(questions)?;
    let said = |answer: &Answer| matches!(answer, Answer::Said(_));
    let lines: Vec<String> = answers
        .iter()
        .zip(cases)
        .filter_map(|(answer, case)| match answer {
            Answer::Said(walls) => Some(format!("instants\t{}\t{walls}", case.zone)),
            Answer::Refused(_) | Answer::Lost(_) => None,
        })
        .collect();
    let read = clock.ask(&lines)?;
    let places = answers.iter_mut().filter(|answer| said(answer));
    for (place, read) in places.zip(read) {
        *place = read;
    }
    Ok(answers)
}

/// A case in instants.
#[derive(Debug)]
struct Edges {
    start: i64,
    from: i64,
    to: i64,
}

impl Edges {
    /// The first instants of a window, each once; with the series' own start where that is missing.
    fn cut(&self, found: Vec<i64>, with_start: bool) -> Vec<i64> {
        let mut all: BTreeSet<i64> = found.into_iter().collect();
        if with_start {
            all.insert(self.start);
        }
        all.range(self.from..self.to)
            .copied()
            .take(COMPARED)
            .collect()
    }
}

fn edges(clock: &Program, cases: &[Case]) -> Result<Vec<Edges>> {
    let line = |case: &Case| {
        let (from, to) = case.window;
        let walls = [case.start, from, to].map(Wall::shown).join(" ");
        format!("instants\t{}\t{walls}", case.zone)
    };
    let lines: Vec<String> = cases.iter().map(line).collect();
    let answers = clock.ask(&lines)?;
    let edges = |(case, answer): (&Case, &Answer)| match seconds(answer).as_deref() {
        Ok([start, from, to]) => Ok(Edges {
            start: *start,
            from: *from,
            to: *to,
        }),
        other => bail!("{}: the clock says {other:?}", case.origin),
    };
    cases.iter().zip(&answers).map(edges).collect()
}

/// The cases with starts that the clock really shows: an event is stored as an instant, so one that is
/// put into a gap begins after it, and repeats so.
fn settled(clock: &Program, cases: &[Case], edges: &[Edges]) -> Result<Vec<Case>> {
    let line = |(case, edges): (&Case, &Edges)| format!("walls\t{}\t{}", case.zone, edges.start);
    let lines: Vec<String> = cases.iter().zip(edges).map(line).collect();
    let settle = |(case, answer): (&Case, &Answer)| match answer {
        Answer::Said(wall) => Ok(Case {
            start: Wall::read(wall).context("the clock shows no time")?,
            ..case.clone()
        }),
        Answer::Refused(why) | Answer::Lost(why) => {
            bail!("{}: the clock says {why}", case.origin)
        }
    };
    cases.iter().zip(&clock.ask(&lines)?).map(settle).collect()
}

/// The rules with their ends on the wall clock.
fn floating(clock: &Program, cases: &[Case]) -> Result<Vec<String>> {
    let mut rules: Vec<String> = cases.iter().map(|case| case.rule.clone()).collect();
    let (mut places, mut lines) = (Vec::new(), Vec::new());
    for (place, case) in cases.iter().enumerate() {
        let Some((head, end, tail)) = until(&case.rule) else {
            continue;
        };
        let Some(wall) = Wall::read(end) else {
            continue;
        };
        if case.zone == "-" {
            let midnight = format!("{}T000000", &wall.shown()[..8]);
            rules[place] = format!("{head}{midnight}{tail}");
        } else if end.len() == 8 {
            rules[place] = format!("{head}{end}T235959{tail}");
        } else if end.ends_with(['Z', 'z']) {
            places.push((place, head, tail));
            lines.push(format!("walls\t{}\t{}", case.zone, wall.0));
        }
    }
    for ((place, head, tail), answer) in places.into_iter().zip(clock.ask(&lines)?) {
        match answer {
            Answer::Said(wall) => rules[place] = format!("{head}{wall}{tail}"),
            Answer::Refused(why) | Answer::Lost(why) => {
                bail!("{}: the clock says {why}", cases[place].origin)
            }
        }
    }
    Ok(rules)
}

/// What stands before, in, and after the end of a rule.
fn until(rule: &str) -> Option<(&str, &str, &str)> {
    let at = rule.to_ascii_uppercase().find("UNTIL=")? + "UNTIL=".len();
    let end = rule[at..]
        .find(';')
        .map_or(rule.len(), |length| at + length);
    Some((&rule[..at], &rule[at..end], &rule[end..]))
}

/// Does a rule, its end on the wall clock, end before it begins?
fn is_over(rule: &str, start: Wall) -> bool {
    let end = until(rule).and_then(|(_, end, _)| Wall::read(end));
    end.is_some_and(|end| end < start)
}

fn seconds(answer: &Answer) -> Found {
    match answer {
        Answer::Refused(why) | Answer::Lost(why) => Err(why.clone()),
        Answer::Said(line) => line
            .split_whitespace()
            .map(|word| word.parse().map_err(|_| format!("no number: {word}")))
            .collect(),
    }
}

/// Who differs from us? Refusals are the same, whatever their words.
fn dissent<'a>(ours: &Found, theirs: &[(&'a str, Found)]) -> Vec<&'a str> {
    theirs
        .iter()
        .filter(|(_, found)| found.as_ref().ok() != ours.as_ref().ok())
        .map(|(name, _)| *name)
        .collect()
}

#[derive(Debug, Default)]
struct Tally {
    agreed: usize,
    refused: usize,
    known: usize,
    differ: usize,
}

impl Tally {
    fn count(&mut self, case: &Case, ours: &Found, theirs: &[(&str, Found)], triage: &mut Triage) {
        let dissent = dissent(ours, theirs);
        if dissent.is_empty() {
            *(if ours.is_ok() {
                &mut self.agreed
            } else {
                &mut self.refused
            }) += 1;
            return;
        }
        if triage.explains(&case.rule, &case.start.shown(), &dissent) {
            self.known += 1;
            return;
        }
        self.differ += 1;
        if self.differ > SHOWN {
            return;
        }
        let (start, zone, rule) = (case.start.shown(), &case.zone, &case.rule);
        let window = case.window.0.shown();
        println!(
            "oracle: {} differ: {}\n  {start} {zone} {rule}\n  from {window}",
            dissent.join(", "),
            case.origin
        );
        for (name, found) in std::iter::once(&("duet", ours.clone())).chain(theirs) {
            println!("  {name:<9} {}", shown(found, ours));
        }
    }

    fn report(&self, asked: usize) {
        if self.differ > SHOWN {
            println!("oracle: … and {} more", self.differ - SHOWN);
        }
        println!(
            "oracle: {asked} rules: {} the same by all, {} refused by all, {} known to differ, {} not",
            self.agreed, self.refused, self.known, self.differ
        );
    }
}

/// What an engine found, from a little before the place where it leaves ours.
fn shown(found: &Found, ours: &Found) -> String {
    let found = match found {
        Ok(found) => found,
        Err(why) => return format!("refuses: {why}"),
    };
    let same = match ours {
        Ok(ours) => found.iter().zip(ours).take_while(|(a, b)| a == b).count(),
        Err(_) => 0,
    };
    let first = if same == found.len() {
        found.len().saturating_sub(3)
    } else {
        same.saturating_sub(1)
    };
    let some: Vec<String> = found
        .iter()
        .skip(first)
        .take(4)
        .map(|at| Wall(*at).shown())
        .collect();
    format!("{} in all, #{first}: {} (UTC)", found.len(), some.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_differs_is_named() {
        let found = |at: &[i64]| -> Found { Ok(at.to_vec()) };
        let refused = |why: &str| -> Found { Err(why.to_owned()) };
        let three = |a, b, c| [("a", a), ("b", b), ("c", c)];
        let same = three(found(&[1]), found(&[1]), found(&[1]));
        assert_eq!(dissent(&found(&[1]), &same), [""; 0]);
        assert_eq!(dissent(&found(&[2]), &same), ["a", "b", "c"]);
        let mixed = three(found(&[1]), refused("why"), found(&[1, 2]));
        assert_eq!(dissent(&found(&[1]), &mixed), ["b", "c"]);
        assert_eq!(dissent(&refused("other words"), &mixed), ["a", "c"]);
    }

    #[test]
    fn what_is_lost_counts() {
        let names = || ["a", "b", "c"].map(str::to_owned).into_iter();
        let said = Answer::Said(String::new());
        let refused = Answer::Refused("no".to_owned());
        let hung = Answer::Lost("no answer".to_owned());
        assert_eq!(
            lost(&[said.clone(), refused.clone(), said.clone()], names()),
            0
        );
        assert_eq!(lost(&[said, refused, hung], names()), 1);
    }

    #[test]
    fn only_the_window_is_compared_and_each_instant_once() {
        let edges = Edges {
            start: 10,
            from: 10,
            to: 100,
        };
        assert_eq!(edges.cut(vec![5, 20, 20, 100], true), [10, 20]);
        assert_eq!(edges.cut(vec![5, 20, 20, 100], false), [20]);
        let many: Vec<i64> = (10..100).collect();
        assert_eq!(edges.cut(many, true).len(), COMPARED);
        let later = Edges { from: 11, ..edges };
        assert_eq!(later.cut(vec![20], true), [20], "the start lies before");
    }

    #[test]
    fn the_end_of_a_rule_is_found() {
        let cases = [
            ("FREQ=DAILY", None),
            (
                "FREQ=DAILY;UNTIL=20260101",
                Some(("FREQ=DAILY;UNTIL=", "20260101", "")),
            ),
            (
                "until=20260101T000000Z;FREQ=DAILY",
                Some(("until=", "20260101T000000Z", ";FREQ=DAILY")),
            ),
        ];
        for (rule, expected) in cases {
            assert_eq!(until(rule), expected, "{rule}");
        }
    }

    #[test]
    fn a_rule_can_be_over_before_it_begins() {
        let start = Wall::of(2026, 1, 1, 0);
        for (end, over) in [("20251231T235959", true), ("20260101T000000", false)] {
            assert_eq!(
                is_over(&format!("FREQ=DAILY;UNTIL={end}"), start),
                over,
                "{end}"
            );
        }
        assert!(!is_over("FREQ=DAILY", start));
    }

    #[test]
    fn a_difference_without_a_reason_counts() {
        let case = Case::new("test".to_owned(), Wall(0), "UTC", "FREQ=DAILY", 0);
        let mut tally = Tally::default();
        let theirs = [("libical", Ok(vec![1]))];
        tally.count(&case, &Ok(vec![1]), &theirs, &mut Triage::default());
        assert_eq!((tally.agreed, tally.differ), (1, 0));
        tally.count(&case, &Ok(vec![2]), &theirs, &mut Triage::default());
        assert_eq!((tally.agreed, tally.differ), (1, 1));
    }
}
