//! The pages a person sees at the sandbox: consent, refusal, and the captive portal of the fault
//! tests. Owns HTML alone; what a decision means is oauth.rs's.

use crate::scopes;

/// An account one may choose on the consent page.
pub(crate) struct Choice<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) chosen: bool,
}

pub(crate) fn consent_page(request: &str, choices: &[Choice<'_>], asked: &[String]) -> String {
    let accounts: String = choices
        .iter()
        .enumerate()
        .map(|(number, choice)| {
            let email = escape(choice.email);
            let checked = if choice.chosen { " checked" } else { "" };
            format!(
                "<label class=\"row\"><input type=\"radio\" name=\"account\" value=\"{email}\" \
                 id=\"account-{number}\"{checked} required> <span><b>{}</b><br><small>{email}\
                 </small></span></label>",
                escape(choice.name)
            )
        })
        .collect();
    let boxes: String = asked
        .iter()
        .map(|scope| {
            let name = escape(scope);
            format!(
                "<label class=\"row\"><input type=\"checkbox\" name=\"scope\" value=\"{name}\" \
                 checked> <span>{}<br><small>{name}</small></span></label>",
                escape(scopes::describe(scope))
            )
        })
        .collect();
    page(
        "Duet wants to access your calendar",
        &format!(
            "<p class=\"note\">This is Duet's demo account, not Google. Nothing leaves your \
             computer.</p>\
             <form method=\"post\" action=\"/o/oauth2/v2/auth/decision\">\
             <input type=\"hidden\" name=\"request\" value=\"{}\">\
             <fieldset><legend>Choose an account</legend>{accounts}</fieldset>\
             <fieldset><legend>Select what Duet can access</legend>{boxes}</fieldset>\
             <p class=\"actions\"><button name=\"decision\" value=\"cancel\" id=\"cancel\" \
             formnovalidate>Cancel</button> <button name=\"decision\" value=\"allow\" \
             id=\"allow\" class=\"main\">Allow</button></p></form>",
            escape(request)
        ),
    )
}

pub(crate) fn refusal_page(code: u16, error: &str, detail: &str) -> String {
    page(
        "Access blocked",
        &format!(
            "<p>This request is invalid, so nothing was granted.</p><p><b>Error {code}: {}</b>\
             </p><p>{}</p>",
            escape(error),
            escape(detail)
        ),
    )
}

/// What a hotel's network answers in place of the site that was asked.
pub(crate) fn portal_page() -> String {
    page(
        "Welcome to Hotel Wi-Fi",
        "<p>Please accept the terms to go online.</p>",
    )
}

/// The body of a server error that never reached the application.
pub(crate) fn broken_page(code: u16) -> String {
    page(
        &format!("Error {code}"),
        "<p>That's an error. Please try again later.</p>",
    )
}

pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn page(title: &str, body: &str) -> String {
    const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:8vh auto;\
        padding:0 1.5rem;color:#222;background:#fbfaf8}h1{font-size:1.45rem}fieldset{border:1px \
        solid #ddd;border-radius:10px;margin:0 0 1rem;padding:.5rem 1rem}legend{font-weight:600}\
        .row{display:flex;gap:.75rem;align-items:flex-start;padding:.45rem 0}small{color:#666;\
        overflow-wrap:anywhere}.note{background:#eef;border-radius:8px;padding:.5rem .75rem}\
        .actions{display:flex;gap:.75rem;justify-content:flex-end}button{font:inherit;padding:\
        .45rem 1.2rem;border-radius:8px;border:1px solid #bbb;background:#fff}.main{background:\
        #5a56d6;border-color:#5a56d6;color:#fff}@media(prefers-color-scheme:dark){body{color:#eee;\
        background:#1b1b20}small{color:#aaa}fieldset{border-color:#444}.note{background:#2a2a44}\
        button{background:#2a2a30;color:#eee;border-color:#555}}";
    let title = escape(title);
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title><style>{STYLE}\
         </style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}
