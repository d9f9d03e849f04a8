//! A person at the consent page: reads the page that Duet opened in the browser, decides, and
//! comes back with the address that the page sends the browser to.

use anyhow::{Context, Result, bail};

use super::http;

/// What the person does on the page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decision<'a> {
    /// Chooses this account and allows everything that was asked.
    Allow(&'a str),
    /// Chooses this account, but leaves only the permissions ticked whose name ends like this.
    AllowOnly(&'a str, &'a str),
    /// Presses Cancel.
    Cancel,
}

/// Opens the consent page and decides. Gives the address of the return.
pub(crate) async fn decide(page: &str, decision: Decision<'_>) -> Result<String> {
    let shown = http::get(page).await?;
    if shown.status != 200 {
        bail!("the consent page answers {}: {}", shown.status, shown.body);
    }
    let request = values(&shown.body, "request")
        .into_iter()
        .next()
        .context("no request field")?;
    let scopes = values(&shown.body, "scope");
    let mut form = vec![("request", request.as_str())];
    match decision {
        Decision::Allow(account) => {
            form.extend([("account", account), ("decision", "allow")]);
            form.extend(scopes.iter().map(|scope| ("scope", scope.as_str())));
        }
        Decision::AllowOnly(account, ending) => {
            form.extend([("account", account), ("decision", "allow")]);
            let ticked = scopes.iter().filter(|scope| scope.ends_with(ending));
            form.extend(ticked.map(|scope| ("scope", scope.as_str())));
        }
        Decision::Cancel => form.push(("decision", "cancel")),
    }
    let target = url::Url::parse(page)?.join("/o/oauth2/v2/auth/decision")?;
    let answer = http::post_form(target.as_str(), &form).await?;
    answer
        .location
        .with_context(|| format!("no way back: {} {}", answer.status, answer.body))
}

/// The values of all input fields with this name.
fn values(page: &str, name: &str) -> Vec<String> {
    page.split("<input ")
        .skip(1)
        .filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| attribute(tag, "name") == Some(name))
        .filter_map(|tag| attribute(tag, "value"))
        .map(|value| value.replace("&amp;", "&"))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
