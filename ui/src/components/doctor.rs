//! The doctor: what is right and what is not, in words, safe to paste.

use duet_wire::doctor::{DoctorReport, Verdict};
use duet_wire::{Answer, Query, WireError};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::connect::copy;
use crate::components::icon::{Icon, icon};
use crate::ipc;

/// The report as text, one check a line.
fn text(report: &DoctorReport) -> String {
    let mut lines = vec![format!("Duet {}", report.version)];
    for check in &report.checks {
        lines.push(format!(
            "[{}] {}: {}",
            mark(check.verdict),
            check.name,
            check.words
        ));
    }
    lines.join("\n")
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Note => "note",
        Verdict::Problem => "problem",
    }
}

/// The doctor's section. It looks when asked, not by itself: some checks touch the keychain.
#[component]
pub(crate) fn Doctor() -> Html {
    let report = use_state(|| None::<Result<DoctorReport, WireError>>);
    let busy = use_state_eq(|| false);
    let copied = use_state_eq(|| false);
    let look = {
        let (report, busy, copied) = (report.clone(), busy.clone(), copied.clone());
        move |_| {
            let (report, busy) = (report.clone(), busy.clone());
            busy.set(true);
            copied.set(false);
            spawn_local(async move {
                report.set(match ipc::query(Query::Doctor).await {
                    Ok(Answer::Doctor(found)) => Some(Ok(found)),
                    Ok(_) => None,
                    Err(error) => Some(Err(error)),
                });
                busy.set(false);
            });
        }
    };
    html! {
        <div data-testid="doctor">
            <p class="quiet">{ "Looks at the keychain, the database, the clock and every account, and says in words what it finds. The report holds no titles and no keys, and addresses are masked: it is safe to paste." }</p>
            { match &*report {
                None => html! {},
                Some(Err(error)) => html! { <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ &error.message }</span></p> },
                Some(Ok(report)) => html! {
                    <ul class="checks" data-testid="doctor-report">
                        { for report.checks.iter().map(|check| html! {
                            <li data-verdict={mark(check.verdict)}>
                                { icon(if check.verdict == Verdict::Ok { Icon::Check } else { Icon::Alert }) }
                                <span><b>{ crate::words::capital(&check.name) }</b><small>{ &check.words }</small></span>
                            </li>
                        }) }
                    </ul>
                },
            } }
            <div class="row-buttons">
                <button class="button" data-testid="doctor-run" disabled={*busy} onclick={look}>{ if *busy { "Looking…" } else { "Look now" } }</button>
                if let Some(Ok(found)) = &*report {
                    <button class="button" data-testid="doctor-copy" onclick={
                        let (copied, found) = (copied.clone(), text(found));
                        move |_| copy(&found, copied.setter())
                    }>{ if *copied { "Copied" } else { "Copy report" } }</button>
                }
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_wire::doctor::Check;

    #[test]
    fn the_report_is_one_check_a_line() {
        let check = Check {
            name: "clock".into(),
            verdict: Verdict::Note,
            words: "2 s off.".into(),
        };
        let report = DoctorReport {
            checks: vec![check],
            version: "0.1.0".into(),
        };
        assert_eq!(text(&report), "Duet 0.1.0\n[note] clock: 2 s off.");
    }
}
